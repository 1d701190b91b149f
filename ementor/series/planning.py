"""Changing the dates of a series: move, skip, cancel, put back, add."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from flask_babel import gettext

from ementor import clock, i18n
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.database import db, transactional
from ementor.errors import Changed, Conflict, Invalid
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Group
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import MAX_TITLE
from ementor.meetings.domain.run import SetTimes
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.programmes.library import Template
from ementor.series import rota, services, words
from ementor.series.domain import dates as rules
from ementor.series.domain.dates import Date, DateRefusal, DateRefused, Dates, Kept
from ementor.series.models import PlannedMeeting

SENT_TWICE_WITHIN = timedelta(seconds=10)
MAX_BRING = 200
MAX_TASK = 500


def require_zone(name: str) -> str:
    """Return the name of a time zone. Raises Invalid for one that there is not."""
    if name not in i18n.known_zones():
        raise Invalid(gettext("Choose a time zone from the list."), field="time_zone")
    return name


def add_row(
    group_id: int, wall: datetime, template: Template, *, meeting: Meeting | None = None
) -> PlannedMeeting:
    """Add a date without asking rights, and whether it fits."""
    row = PlannedMeeting(
        group_id=group_id,
        uid=secrets.token_hex(16),
        wall=wall,
        minutes=template.minutes,
        kept=Kept.PLANNED.value,
        moved_from=None,
        template_key=template.key,
        title=dict(template.title),
        bring="",
        task="",
        opened_at=meeting.created_at if meeting else None,
        handed_out=meeting is not None,
        meeting_id=meeting.id if meeting else None,
        version=1,
        sequence=0,
        changed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


@transactional
def change(
    group_id: int,
    planned_id: int,
    *,
    actor: User,
    wall: datetime,
    minutes: int | None = None,
    template_key: str | None = None,
    title: str | None = None,
    bring: str | None = None,
    task: str | None = None,
    version: int | None = None,
    replace_agenda: bool = False,
) -> None:
    """Move a date, or give it another template or other words; what is None stays.

    ``version`` is the one that the form showed: when somebody else has changed the date since,
    Changed is raised, and nothing happens. Another template replaces an agenda that has been
    prepared only with ``replace_agenda``. Raises NotFound, NotAllowed, Invalid or Conflict.
    """
    group, row = _held(group_id, planned_id, actor)
    require_version(row, version)
    template = _template(template_key) if template_key and template_key != row.template_key else None
    if template is not None and row.meeting_id is not None and not replace_agenda:
        text = gettext("The agenda has already been prepared. Confirm that the new template can replace it.")
        raise Invalid(text, field="replace")
    length = minutes if minutes is not None else template.minutes if template else row.minutes
    _apply(group, lambda dates, now: rules.moved(dates, planned_id, wall, length, group.time_zone, now))
    if template is not None:
        row.template_key, row.title = template.key, dict(template.title)
        if row.meeting_id is not None:
            meeting = db.session.get_one(Meeting, row.meeting_id)
            rota.take_hat_back(meeting)
            db.session.delete(meeting)
            row.meeting_id, row.handed_out = None, False
    if title is not None:
        row.title = _own_title(row, title)
    if bring is not None:
        row.bring = _words(bring, MAX_BRING, "bring")
    if task is not None:
        row.task = _words(task, MAX_TASK, "task")
    if db.session.is_modified(row):  # calendars have heard of another time already
        row.version += 1
        db.session.flush()
        services.told(group_id)


def _own_title(row: PlannedMeeting, title: str) -> dict[str, str]:
    title = accounts.visible_text(title)
    if len(title) > MAX_TITLE:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MAX_TITLE), field="title")
    known = {lang: words for lang, words in row.title.items() if lang}
    return known if not title or title in known.values() else known | {"": title}


def _words(text: str, most: int, field: str) -> str:
    text = "\n".join(accounts.visible_text(line) for line in text.splitlines()).strip()
    if len(text) > most:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=most), field=field)
    return text


@transactional
def skip(group_id: int, planned_id: int, *, actor: User, version: int | None = None) -> None:
    """Do not meet on a date: it and all after it come one gap later. Raises as ``change``."""
    group, row = _held(group_id, planned_id, actor)
    require_version(row, version)
    weeks = services.series_of(group_id).rhythm_weeks
    _apply(group, lambda dates, now: rules.skipped(dates, planned_id, weeks, group.time_zone, now))


@transactional
def put_back(group_id: int, planned_id: int, *, actor: User, version: int | None = None) -> None:
    """Meet on a date after all that was skipped or cancelled. Raises as ``change``."""
    group, row = _held(group_id, planned_id, actor)
    require_version(row, version)
    weeks = services.series_of(group_id).rhythm_weeks
    _apply(group, lambda dates, now: rules.put_back(dates, planned_id, weeks, group.time_zone, now))


@transactional
def cancel(group_id: int, planned_id: int, *, actor: User, version: int | None = None) -> None:
    """Cancel one meeting; the others stay. Twice is once. Raises as ``change``."""
    group, row = _held(group_id, planned_id, actor)
    if row.kept != Kept.CANCELLED:
        require_version(row, version)
    _apply(group, lambda dates, now: rules.cancelled(dates, planned_id))


@transactional
def add(
    group_id: int, *, actor: User, wall: datetime, template_key: str, minutes: int | None = None
) -> PlannedMeeting:
    """Add a date; one that is sent twice is one. Raises NotFound, NotAllowed or Invalid."""
    policy.require_keeper(actor, group_id)
    groups.lock_group(group_id)
    for row in services.rows_of(group_id):
        just_now = row.version == 1 and row.changed_at > clock.now() - SENT_TWICE_WITHIN
        if just_now and (row.wall, row.template_key) == (wall, template_key):
            return row
    return add_dates(group_id, [wall], template_key, minutes=minutes)[0]


@transactional
def go_on(group_id: int, *, actor: User, first: datetime, weeks: int, count: int, template_key: str) -> None:
    """Go on after the last meeting with ``count`` more; any member may, once. Raises Conflict or Invalid."""
    group = groups.lock_group(group_id)
    policy.require_member(actor, group_id)
    if rules.upcoming(services.dates_of(services.rows_of(group_id)), group.time_zone, clock.now()):
        raise Conflict(gettext("The group already has upcoming meetings."))
    if not 1 <= weeks <= rules.MAX_WEEKS:
        raise Invalid(words.why(DateRefused(DateRefusal.WEEKS), group.time_zone), field="weeks")
    walls = [first + timedelta(weeks=weeks * number) for number in range(min(max(count, 1), 12))]
    add_dates(group_id, walls, template_key)
    services.series_of(group_id).rhythm_weeks = weeks


@transactional
def add_dates(
    group_id: int, walls: Iterable[datetime], template_key: str, *, minutes: int | None = None
) -> list[PlannedMeeting]:
    """Add dates without asking rights. Raises Invalid when one does not fit, and then adds none."""
    group, template = groups.lock_group(group_id), _template(template_key)
    rows = []
    for wall in walls:
        length = template.minutes if minutes is None else minutes
        dates = services.dates_of(services.rows_of(group_id))
        with words.refusing(group.time_zone):
            rules.added(dates, wall, length, group.time_zone, clock.now())
        rows.append(add_row(group_id, wall, template))
        rows[-1].minutes = length
    db.session.flush()
    services.told(group_id)
    return rows


@transactional
def change_zone(group_id: int, time_zone: str, *, actor: User) -> None:
    """Let the group's times ahead be of another zone; they stay what clocks there show. Raises Invalid."""
    group = groups.lock_group(group_id)
    policy.require_keeper(actor, group_id)
    if group.time_zone == require_zone(time_zone):
        return
    dates = services.dates_of(services.rows_of(group_id))
    ahead = {
        date.id
        for date in dates
        if not date.is_held and rules.instant(date.until, group.time_zone) > clock.now()
    }
    for date in dates:
        if date.id in ahead and date.kept is Kept.PLANNED:
            _require_time(date, group.time_zone, time_zone)
    before, group.time_zone = group.time_zone, time_zone
    for row in services.rows_of(group_id):
        if row.id in ahead:
            _changed(row)
            _tell_meeting(row, time_zone)
        else:  # what has been was when it was
            row.wall = rules.wall_of(rules.instant(row.wall, before), time_zone)
    services.told(group_id)


def _require_time(date: Date, before: str, time_zone: str) -> None:
    """Raise Invalid when a date would be over in another zone, or clocks there do not show its times once."""
    with words.refusing(time_zone, field="time_zone"):
        for wall in (date.wall, date.until):
            rules.require_clear(wall, time_zone)
        if rules.instant(date.wall, time_zone) <= clock.now() < rules.instant(date.wall, before):
            raise DateRefused(DateRefusal.PAST, other=date.wall)


def _held(group_id: int, planned_id: int, actor: User) -> tuple[Group, PlannedMeeting]:
    policy.require_keeper(actor, group_id)
    return groups.lock_group(group_id), services.row_of(group_id, planned_id)


def require_version(row: PlannedMeeting, version: int | None) -> None:
    """Raise Changed, with what stands there now, when a form showed another version."""
    if version is not None and version != row.version:
        raise Changed(
            gettext("Somebody else has changed this date in the meantime. Check it again."),
            {},
            fields_of(row),
        )


def _template(key: str) -> Template:
    template = library.templates().get(key)
    if template is None:
        raise Invalid(gettext("Choose a template from the list."), field="template")
    return template


def _apply(group: Group, rule: Callable[[Dates, datetime], Dates]) -> None:
    """Write to the rows what a rule makes of the dates."""
    rows = {row.id: row for row in services.rows_of(group.id)}
    before = services.dates_of(list(rows.values()))
    with words.refusing(group.time_zone):
        after = rule(before, clock.now())
    was = {date.id: date for date in before}
    for date in after:
        if date.id == 0:
            _add_skipped(group.id, date)
        elif date != was[date.id]:
            row = rows[date.id]
            row.wall, row.minutes, row.kept = date.wall, date.minutes, date.kept.value
            row.moved_from, row.opened_at = date.moved_from, date.opened_at
            _changed(row)
            _tell_meeting(row, group.time_zone)
            if row.kept == Kept.CANCELLED and row.meeting_id is not None:
                rota.take_hat_back(db.session.get_one(Meeting, row.meeting_id))
    for gone in was.keys() - {date.id for date in after}:
        db.session.delete(rows[gone])
    if after != before:
        db.session.flush()
        services.told(group.id)


def _add_skipped(group_id: int, date: Date) -> None:
    row = PlannedMeeting(group_id=group_id, uid=secrets.token_hex(16), wall=date.wall, minutes=date.minutes)
    row.kept, row.title, row.changed_at = date.kept.value, {}, clock.now()
    row.bring, row.task, row.handed_out = "", "", False
    row.version, row.sequence = 1, 0
    row.template_key = row.moved_from = row.opened_at = row.meeting_id = None
    db.session.add(row)


def _changed(row: PlannedMeeting) -> None:
    row.version += 1
    row.sequence += 1
    row.changed_at = clock.now()


def _tell_meeting(row: PlannedMeeting, zone: str) -> None:
    """Let the room of a date know its new time; what is to end by a fixed time does so no longer."""
    if row.meeting_id is not None and row.kept == Kept.PLANNED:
        starts_at = rules.instant(row.wall, zone)
        if meetings.run_of(row.meeting_id).schedule.starts_at != starts_at:
            meetings.record(row.meeting_id, SetTimes(starts_at=starts_at), actor_id=None)


def fields_of(row: PlannedMeeting) -> Mapping[str, str]:
    """Return the fields of a date's form as they are now."""
    ends = row.wall + timedelta(minutes=row.minutes)
    return {
        "date": row.wall.date().isoformat(),
        "time": row.wall.strftime("%H:%M"),
        "end": ends.strftime("%H:%M"),
        "template": row.template_key or "",
        "title": row.title.get("", ""),
        "bring": row.bring,
        "task": row.task,
    }
