"""Sentences of My notes that depend on numbers and dates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from ementor import i18n
from ementor.mine.assessment import Assessment
from ementor.mine.meetings import Circle
from ementor.mine.steps import Step
from ementor.series import phrases
from ementor.series.domain.promises import Became


def date(at: datetime, zone: str, now: datetime) -> str:
    """Return a date, with its year where that is not this one."""
    local = at.astimezone(ZoneInfo(zone))
    if local.year == now.astimezone(ZoneInfo(zone)).year:
        return i18n.short_day(local)
    return i18n.short_day_and_year(at, zone)


def day(at: datetime, zone: str, now: datetime) -> str:
    """Return a date with its weekday in short: ti 24.11., Tue 24 Nov."""
    return f"{i18n.day_name(at.astimezone(ZoneInfo(zone)))} {date(at, zone, now)}"


def about(circle: Circle) -> str:
    """Return what a group follows, and how far it has come."""
    if circle.ahead:
        held = gettext("%(held)s of %(all)s meetings held", held=circle.held, all=circle.held + circle.ahead)
    else:
        held = gettext("ended")
    return " · ".join(filter(None, [i18n.say(circle.programme), held]))


def earlier(count: int) -> str:
    """Return how many earlier meetings are folded: Three earlier meetings."""
    words = phrases.in_words(count)
    return str(ngettext("%(count)s earlier meeting", "%(count)s earlier meetings", count, count=words))


def all_of(count: int) -> str:
    """Return the name of the link to all meetings of a group."""
    return str(ngettext("All %(num)s meeting", "All %(num)s meetings", count))


def became(step: Step, zone: str, now: datetime) -> str:
    """Return what became of one's own step, and when one said so."""
    if step.became is Became.OPEN or step.became_at is None:
        return str(gettext("Still open"))
    on = date(step.became_at, zone, now)
    if step.became is Became.GOING_ON:
        return str(gettext("Still going, as you said on %(day)s", day=on))
    if step.became is Became.LET_GO:
        return str(gettext("Dropped, as you said on %(day)s", day=on))
    if step.mine_only:
        return str(gettext("Done, as you noted on %(day)s", day=on))
    return str(gettext("Done, as you told the group on %(day)s", day=on))


def compared(one: Assessment) -> str:
    """Return in words what the picture of a self-assessment shows."""
    higher, same, lower = one.counts
    return str(
        gettext(
            "Each of the eight statements has its own column, from 1 (not at all) to 5 (fully). Compared "
            "with the first time, %(higher)s are higher, %(same)s the same and %(lower)s lower.",
            higher=higher,
            same=same,
            lower=lower,
        )
    )
