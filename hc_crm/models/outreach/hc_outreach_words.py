"""What the screens of a plan say about ways, reasons and moments, in words."""

import pytz

from odoo.tools import format_date, format_time


def lane_label(step):
    """The name of the way a step stands on, as its parent calls it."""
    if not step.parent_id:
        return ""
    return dict(step.parent_id._flow_lanes()).get(step.lane, step.lane or "")


def reason_label(env, code):
    """A reason that stands for many: short, without names and days."""
    labels = {
        "archived": env._("The contact is archived"),
        "no_address": env._("No address for it"),
        "invalid_address": env._("The address is not valid"),
        "blacklisted": env._("They asked not to be written to"),
        "withdrawn": env._("They said no to it"),
        "no_consent": env._("They never said yes to it"),
        "automation_off": env._("Only people contact them"),
        "unprofiled": env._("They do not want to be profiled"),
        "pause": env._("Only people contact them for a time"),
        "complaint": env._("A complaint is open"),
        "dispute": env._("Something is disputed"),
        "human_contact": env._("A colleague has just talked to them"),
        "quiet_hours": env._("Outside the hours we write at"),
        "holiday": env._("A day off"),
        "budget": env._("They heard from us often enough"),
        "workload": env._("The colleague has enough to do"),
        "away": env._("The colleague is away"),
        "draft_dropped": env._("A colleague left it out"),
        "draft_done": env._("A colleague did it another way"),
        "draft_expired": env._("Nobody got to it in time"),
        "replied": env._("They answered"),
        "exit_condition": env._("The plan no longer concerns them"),
        "plan_ended": env._("The plan ended"),
        "by_hand": env._("By hand"),
        "goal": env._("The goal is reached"),
        "merged": env._("Merged with another contact"),
        "erased": env._("Erased at their wish"),
        "expired": env._("Nobody got to it in time"),
    }
    text = labels.get(code) or env["hc.contact.attempt"]._reason_text(code, {})
    return text.rstrip(".") if text and text != code else code.replace("_", " ").capitalize()


def moment_text(env, moment, tz=None):
    """Day and minute as the reader writes them; no seconds, and a month that cannot be taken for a day.

    :param moment: naive UTC
    :param tz: whose clock; by default the reader's
    """
    if not moment:
        return ""
    local = pytz.utc.localize(moment).astimezone(
        pytz.timezone(tz or env.context.get("tz") or env.user.tz or "UTC")
    )
    return f"{format_date(env, local.date(), date_format='d MMM y')}, {format_time(env, local.time(), time_format='short')}"
