"""What the screens of a plan say about ways and reasons, in words."""
"""What the screens of a plan say about times, ways and reasons, in words."""

from datetime import time

from odoo.tools import format_time


def wait_text(step):
    """“3 days later, at 10:00 on a working day” for the wait before a step."""
    _ = step.env._
    count = step.wait_count
    if step.wait_type == "none":
        return _("At once")
    if step.wait_type == "after":
        return _span(step.env, count, step.wait_unit, _("later"))
    if step.wait_type == "until":
        day = {
            "any": _("The next day"),
            "work": _("The next working day"),
        }.get(step.wait_weekday) or _("The next %(day)s", day=_weekday(step))
        if step.wait_hour is not False and step.wait_hour >= 0:
            return _("%(day)s at %(hour)s", day=day, hour=_hour(step))
        return day
    if step.wait_type == "date":
        if not count:
            return _("On the day that began the plan")
        if count < 0:
            return _span(step.env, -count, step.wait_unit, _("before the day that began the plan"))
        return _span(step.env, count, step.wait_unit, _("after the day that began the plan"))
    return ""


def _weekday(step):
    return dict(step._fields["wait_weekday"]._description_selection(step.env))[step.wait_weekday]


def _hour(step):
    minutes = round(step.wait_hour * 60)
    return format_time(step.env, time(minutes // 60 % 24, minutes % 60), time_format="short")


def _span(env, count, unit, tail):
    _ = env._
    if count == 1:
        what = {
            "minutes": _("1 minute"),
            "hours": _("1 hour"),
            "days": _("1 day"),
            "workdays": _("1 working day"),
            "weeks": _("1 week"),
            "months": _("1 month"),
        }[unit]
    else:
        what = {
            "minutes": _("%s minutes", count),
            "hours": _("%s hours", count),
            "days": _("%s days", count),
            "workdays": _("%s working days", count),
            "weeks": _("%s weeks", count),
            "months": _("%s months", count),
        }[unit]
    return f"{what} {tail}"


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
        "task_limit": _("The colleague has enough to do"),
        "replied": _("They answered"),
        "exit_condition": _("The plan no longer concerns them"),
        "plan_ended": _("The plan ended"),
        "by_hand": _("By hand"),
        "goal": _("The goal is reached"),
        "merged": _("Merged with another contact"),
        "erased": _("Erased at their wish"),
        "expired": _("Nobody got to it in time"),
    }
    return labels.get(code) or code.replace("_", " ").capitalize()
