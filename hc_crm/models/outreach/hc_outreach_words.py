"""What the screens of a plan say about ways and reasons, in words."""


def lane_label(step):
    """The name of the way a step stands on, as its parent calls it."""
    if not step.parent_id:
        return ""
    return dict(step.parent_id._flow_lanes()).get(step.lane, step.lane or "")


def reason_label(env, code):
    """A reason that stands for many: short, without names and days."""
    _ = env._
    labels = {
        "archived": _("The contact is archived"),
        "no_address": _("No address for it"),
        "invalid_address": _("The address is not valid"),
        "blacklisted": _("They asked not to be written to"),
        "withdrawn": _("They said no to it"),
        "no_consent": _("They never said yes to it"),
        "automation_off": _("Only people contact them"),
        "unprofiled": _("They do not want to be profiled"),
        "pause": _("Only people contact them for a time"),
        "complaint": _("A complaint is open"),
        "dispute": _("Something is disputed"),
        "human_contact": _("A colleague has just talked to them"),
        "quiet_hours": _("Outside the hours we write at"),
        "holiday": _("A day off"),
        "budget": _("They heard from us often enough"),
        "workload": _("The colleague has enough to do"),
        "away": _("The colleague is away"),
        "draft_dropped": _("A colleague left it out"),
        "draft_done": _("A colleague did it another way"),
        "draft_expired": _("Nobody got to it in time"),
        "replied": _("They answered"),
        "exit_condition": _("The plan no longer concerns them"),
        "plan_ended": _("The plan ended"),
        "by_hand": _("By hand"),
        "goal": _("The goal is reached"),
        "merged": _("Merged with another contact"),
        "erased": _("Erased at their wish"),
        "expired": _("Nobody got to it in time"),
    }
    text = labels.get(code) or env["hc.contact.attempt"]._reason_text(code, {})
    return text.rstrip(".") if text and text != code else code.replace("_", " ").capitalize()
