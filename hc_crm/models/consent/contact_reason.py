"""The reasons of a contact decision, in words. Names stand there only if the reader may see the record."""

from odoo.fields import Datetime
from odoo.tools import format_date, format_datetime

# What a colleague did, by the channel of the contact.
TALKS = {
    "call": "called",
    "visit": "met",
    "counter": "met",
    "meeting": "met",
}


def reason_text(env, code, args):
    """Return the sentence of ``code``; the code itself if nobody knows it (an app that is gone)."""
    other = env["hc.contact.attempt"]._reason_texts().get(code)
    if other:
        return other(env, args)
    sentence = SENTENCES.get(code)
    if sentence is None:
        return code or ""
    return sentence(env, args)


def day(env, args, name):
    """Return the day of an argument as the reader writes days."""
    moment = Datetime.to_datetime(args.get(name)) if args.get(name) else None
    if not moment:
        return ""
    return format_date(env, Datetime.context_timestamp(env.user, moment).date())


def moment(env, args, name):
    value = Datetime.to_datetime(args.get(name)) if args.get(name) else None
    return format_datetime(env, value, dt_format="short") if value else ""


def waiting(env, args, sentence):
    """Add until when."""
    until = moment(env, args, "until")
    if not until:
        return sentence
    return env._("%(why)s Not before %(until)s.", why=sentence, until=until)


def readable(env, args):
    """Return the record the reason is about, if the reader may open it."""
    model, res_id = args.get("res_model"), args.get("res_id")
    if not model or not res_id or model not in env:
        return None
    if not env[model].has_access("read"):
        return None
    return env[model].browse(res_id).exists()._filtered_access("read") or None


def _ok(env, args):
    return env._("Nothing stands against it.")


def _archived(env, args):
    return env._("The contact is archived.")


def _no_address(env, args):
    return {
        "email": env._("No e-mail address is known."),
        "letter": env._("No postal address is known."),
    }.get(args.get("channel"), env._("No phone number is known."))


def _invalid_address(env, args):
    if args.get("channel") == "email":
        return env._("The e-mail address is not valid.")
    return env._("The phone number is not valid.")


def _blacklisted(env, args):
    if args.get("channel") == "email":
        return env._("The e-mail address is on Odoo's blacklist.")
    return env._("The phone number is on Odoo's blacklist.")


def _withdrawn(env, args):
    said = day(env, args, "date")
    if args.get("mailing"):
        return env._("They left our mailing lists.")
    if said:
        return env._("They said no on %(day)s.", day=said)
    return env._("They said no.")


def _no_consent(env, args):
    return env._("They did not say yes to this, and without a yes we do not write.")


def _automation_off(env, args):
    return env._("Only people contact them; nothing goes out by itself.")


def _unprofiled(env, args):
    return env._(
        "They asked that nothing is worked out about them, and this would be because of figures."
    )


def _pause(env, args):
    end = args.get("date_to")
    if end:
        return env._("Only people contact them until %(day)s.", day=format_date(env, end))
    return _automation_off(env, args)


def _complaint(env, args):
    record = readable(env, args)
    if args.get("kind") == "promise":
        if record:
            sentence = env._("A promise to them is late: %(what)s.", what=record.display_name)
        else:
            sentence = env._("We owe them something that is late.")
    elif record:
        sentence = env._("A complaint is open: %(what)s.", what=record.display_name)
    elif args.get("date"):
        sentence = env._(
            "They were unhappy on %(day)s, and nobody has set it right yet.",
            day=day(env, args, "date"),
        )
    else:
        sentence = env._("A complaint is open.")
    return waiting(env, args, sentence)


def _dispute(env, args):
    record = readable(env, args)
    if record:
        sentence = env._("The bill %(name)s is long overdue.", name=record.display_name)
    else:
        sentence = env._("Something between them and us has to be settled first.")
    return waiting(env, args, sentence)


def _human_contact(env, args):
    said = day(env, args, "date")
    if args.get("direction") == "in":
        sentence = env._("They turned to us on %(day)s.", day=said)
    elif not args.get("is_open"):
        # which way it was would tell of a record that not everybody may read
        sentence = env._("A colleague was in touch with them on %(day)s.", day=said)
    else:
        way = TALKS.get(args.get("channel"))
        if way == "called":
            sentence = env._("A colleague called them on %(day)s.", day=said)
        elif way == "met":
            sentence = env._("A colleague met them on %(day)s.", day=said)
        else:
            sentence = env._("A colleague wrote to them on %(day)s.", day=said)
    return waiting(env, args, sentence)


def _quiet_hours(env, args):
    return waiting(env, args, env._("It is a quiet hour where they are."))


def _holiday(env, args):
    return waiting(env, args, env._("It is a day off."))


def _budget(env, args):
    sentence = env._(
        "They heard from us %(count)s times within %(days)s days.",
        count=args.get("count", ""),
        days=args.get("days", ""),
    )
    return waiting(env, args, sentence)


SENTENCES = {
    "ok": _ok,
    "archived": _archived,
    "no_address": _no_address,
    "invalid_address": _invalid_address,
    "blacklisted": _blacklisted,
    "withdrawn": _withdrawn,
    "no_consent": _no_consent,
    "automation_off": _automation_off,
    "unprofiled": _unprofiled,
    "pause": _pause,
    "complaint": _complaint,
    "dispute": _dispute,
    "human_contact": _human_contact,
    "quiet_hours": _quiet_hours,
    "holiday": _holiday,
    "budget": _budget,
}
