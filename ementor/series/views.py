"""A group's page between its meetings, its settings, and where its link leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor.accounts.models import User
from ementor.accounts.views import somebody
from ementor.archive.neighbours import SeriesPosition, says_position
from ementor.errors import Invalid
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups import views as group_views
from ementor.groups.models import Group, Membership
from ementor.groups.views import counting_tries
from ementor.groups.ways import Now, says_now
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.parts import people_of
from ementor.meetings.presses import Press
from ementor.meetings.presses import on_press as on_room_press
from ementor.meetings.services import people
from ementor.series import (
    between,
    buttons,
    calendar,
    leading,
    opening,
    page,
    phrases,
    promises,
    services,
    telling,
    wishes,
)
from ementor.series import settings as meeting_settings
from ementor.series.domain.dates import State
from ementor.series.presses import PRESSES
from ementor.web import is_htmx, number, part_or_redirect

bp = Blueprint("series", __name__)
__all__ = ["bp", "buttons"]


@says_now
def now_in(group: Group, member: Membership | None) -> Now | None:
    """Lead a member to the room that is open or running, else to the group's page."""
    planned = services.planned_of(group)
    ahead = [one for one in planned if one.state in {State.PLANNED, State.OPEN, State.RUNNING}]
    if member is not None:
        meeting_id = opening.way_of(member).meeting_id
        url = url_for("meetings.room", meeting_id=meeting_id) if meeting_id else _url(group.id)
        starts_at = ahead[0].starts_at if ahead else None
        return Now(url, {"": group.name}, has_dates=bool(ahead), starts_at=starts_at)
    return Now(_url(group.id), (ahead or planned)[0].title) if planned else None


NOT_HELD = {State.CANCELLED, State.SKIPPED, State.MISSED}


@says_position
def position_of(meeting: Meeting) -> SeriesPosition | None:
    """Tell which of the dates that are held or ahead a meeting has."""
    dates = [one for one in services.planned_of(meeting.group) if one.state not in NOT_HELD]
    ids = [one.row.meeting_id for one in dates]
    return SeriesPosition(ids.index(meeting.id) + 1, len(ids)) if meeting.id in ids and len(ids) > 1 else None


@bp.get("/g/<int:group_id>")
@login_required
def group(group_id: int) -> ResponseReturnValue:
    """Show the group's page; to htmx what is in it."""
    if is_htmx():
        return str(_content(group_id))
    groups.note_visit(group_id, actor=somebody())
    content = page.of(group_id, actor=somebody())
    return render_template("series/group.html", page=content, content=_rendered(content))


@bp.get("/g/<int:group_id>/news")
@login_required
def news(group_id: int) -> ResponseReturnValue:
    """Answer the page's content when it shows something else than what the page tells that it shows."""
    stamp = page.stamp_of(group_id, actor=somebody())
    return ("", 204) if request.args.get("stamp") == stamp else str(_content(group_id))


@bp.post("/g/<int:group_id>")
@login_required
def press(group_id: int) -> ResponseReturnValue:
    """Answer a button of the group's page; one that answers with a meeting leads to its room."""
    services.for_member(group_id, somebody())
    answer = PRESSES.get(request.values.get("press", "")) or abort(400)
    what = answer(group_id, _me(), request.values)
    if isinstance(what, Meeting):
        room = url_for("meetings.room", meeting_id=what.id)
        return make_response("", 200, {"HX-Redirect": room}) if is_htmx() else redirect(room, 303)
    if request.headers.get("Prefer") == "return=minimal":
        return what if isinstance(what, dict) else ("", 204)
    return part_or_redirect(str(_content(group_id)) if is_htmx() else "", _url(group_id))


# Who leads


DUTIES = ("willing", "duty_rule")
"""The buttons of the page on which duties are shared."""


@bp.get("/g/<int:group_id>/duties")
@login_required
def duties(group_id: int) -> ResponseReturnValue:
    """Show how the duties are shared, and who is willing."""
    _, member = services.for_member(group_id, somebody())
    people = people_of(policy.members(group_id), Run())
    return render_template(
        "series/duties.html",
        back=_url(group_id),
        at=url_for(".duties", group_id=group_id),
        shared=leading.shared_of(group_id, member.user_id, people),
        people=people,
        keeps=policy.keeps(member),
    )


@bp.post("/g/<int:group_id>/duties")
@login_required
def share_duties(group_id: int) -> ResponseReturnValue:
    """Say that one is willing, or choose how a duty is shared."""
    services.for_member(group_id, somebody())
    name = request.values.get("press", "")
    if name not in DUTIES:
        abort(400)
    PRESSES[name](group_id, current_user._get_current_object(), request.values)
    return redirect(url_for(".duties", group_id=group_id), 303)


# Calendars


@bp.get("/g/<int:group_id>/calendar.ics")
@login_required
def calendar_file(group_id: int) -> ResponseReturnValue:
    """Send the group's dates to a member, or with ``?date=`` one of them."""
    link = _link(services.for_member(group_id, somebody())[0].group)
    planned_id = request.args.get("date", type=int)
    return _sent(calendar.for_members(group_id, link, actor=somebody(), planned_id=planned_id))


@bp.get("/calendar/<token>.ics")
def calendar_feed(token: str) -> ResponseReturnValue:
    """Send the group's dates to a calendar that has the feed's address."""
    with counting_tries("links"):
        return _sent(calendar.feed(token, _link))


@bp.get("/g/<int:group_id>/calendar")
@login_required
def calendar_page(group_id: int) -> ResponseReturnValue:
    """Show how to have the group's dates in one's own calendar."""
    series, member = services.for_member(group_id, somebody())
    address = url_for(".calendar_feed", token=series.calendar_token, _external=True)
    return render_template(
        "series/calendar.html",
        back=_url(group_id),
        series=series,
        address=address,
        webcal=re.sub("^https?", "webcal", address),
        leads=policy.keeps(member),
    )


@bp.post("/g/<int:group_id>/calendar")
@login_required
def change_calendar(group_id: int) -> ResponseReturnValue:
    """Choose what entries in calendars say, or give the feed another address."""
    services.for_member(group_id, somebody())
    actor = current_user._get_current_object()
    if request.form.get("press") == "rotate":
        calendar.rotate(group_id, actor=actor)
    else:
        named, leaders = (request.form.get(name) == "yes" for name in ("named", "leaders"))
        calendar.choose(group_id, actor=actor, named=named, leaders=leaders)
    return redirect(url_for(".calendar_page", group_id=group_id), 303)


def _link(group: Group) -> str:
    return url_for("groups.join", token=group.join_token, _external=True)


def _sent(file: calendar.File) -> Response:
    response = make_response(file.data)
    response.mimetype = "text/calendar"
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    return response


# The settings, also while no meeting is under way


@bp.get("/g/<int:group_id>/settings")
@login_required
def settings(group_id: int) -> ResponseReturnValue:
    """Show facilitators how the group meets, its ways, its link and its people."""
    services.for_member(group_id, somebody())
    return _settings_page(group_id, *_around(group_id))


@bp.post("/g/<int:group_id>/settings")
@login_required
def change_settings(group_id: int) -> ResponseReturnValue:
    """Keep the settings of one of the page's forms, or do what its buttons say."""
    services.for_member(group_id, somebody())
    at, back = _around(group_id)
    what = request.values.get("press", "")
    if what == "meetings":
        return _keep_how_it_meets(group_id)
    if what == "rotate_link":
        people.rotate_link_of(group_id, actor=_me())
    elif what == "remove_person":
        people.remove_from(group_id, number(request.values, "person"), actor=_me())
    else:
        return group_views.change(group_id, at, back, _settings_page)
    return redirect(at, 303)


def _keep_how_it_meets(group_id: int) -> ResponseReturnValue:
    names = ("time_zone", "call_url")
    form = {name: request.form.get(name, "") for name in names}
    try:
        meeting_settings.change(
            group_id,
            actor=_me(),
            time_zone=form["time_zone"],
            call_url=form["call_url"],
        )
    except Invalid as error:
        wrong = {error.field or "call_url": error.message}
        return _settings_page(group_id, *_around(group_id), meets=form, wrong=wrong), error.status
    return redirect(_url(group_id), 303)


def _settings_page(
    group_id: int,
    at: str,
    back: str,
    *,
    meets: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    **typed: Any,
) -> str:
    context = group_views.settings_context(group_id, at, back, **typed)
    return render_template(
        "series/settings.html",
        meets=meets or meeting_settings.shown(services.series_of(group_id)),
        wrong_meets=wrong or {},
        zones=telling.zones(),
        others=[one.user for one in policy.members(group_id) if one.user_id != _me().id],
        **context,
    )


def _around(group_id: int) -> tuple[str, str]:
    """Return where the settings are shown, and what they lie over."""
    return url_for(".settings", group_id=group_id), _url(group_id)


def _content(group_id: int) -> Markup:
    return _rendered(page.of(group_id, actor=somebody()))


def _rendered(content: page.Page) -> Markup:
    return Markup(render_template("series/_group.html", page=content, phrases=phrases))  # noqa: S704


def _url(group_id: int) -> str:
    return url_for("series.group", group_id=group_id)


# In the room


@bp.get("/m/<int:meeting_id>/last-time")
@login_required
def last_time(meeting_id: int) -> ResponseReturnValue:
    """Show what was promised last time, for the room to take in; without htmx that is on the group's page."""
    meeting, part = _last_time(meeting_id)
    return part_or_redirect(part, _url(meeting.group_id))


@bp.post("/m/<int:meeting_id>/last-time")
@login_required
def mark_last_time(meeting_id: int) -> ResponseReturnValue:
    """Answer what somebody says in the room of their own promise."""
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    between.mark_promise(meeting.group_id, _me(), request.values)
    _, part = _last_time(meeting_id)
    return part_or_redirect(part, url_for("meetings.room", meeting_id=meeting_id))


def _last_time(meeting_id: int) -> tuple[Meeting, Markup]:
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    member, everybody = policy.membership_and_members(current_user, meeting.group_id)
    run = meetings.run_of(meeting_id)
    found = promises.of_group(meeting.group_id, member.user_id, before=meeting_id)
    people = people_of(everybody, run)
    page = render_template("series/_last_time.html", meeting=meeting, run=run, promises=found, people=people)
    return meeting, Markup(page)  # noqa: S704


@bp.get("/m/<int:meeting_id>/wishes")
@login_required
def room_wishes(meeting_id: int) -> ResponseReturnValue:
    """Show the wishes that may be put on the agenda, to those who run the meeting."""
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    policy.require_runner(current_user, meeting.group_id)
    shown = [one for one in wishes.of_group(meeting.group_id, None) if one.meeting_id is None]
    part = render_template("series/_room_wishes.html", meeting=meeting, wishes=shown)
    return part_or_redirect(Markup(part), _url(meeting.group_id))  # noqa: S704


@on_room_press("add_wish", then=("#room-wishes button[name=press]", "[data-add-item]"))
def add_wish(press: Press) -> Run:
    """Put a wish on the agenda, where it was dropped or before the closing reflection."""
    policy.require_runner(press.actor, press.meeting.group_id)
    place = press.id_of("place") if "place" in press.values else None
    return wishes.take_up(press.meeting, press.id_of("wish"), actor=press.actor, place=place)


def _me() -> User:
    person: User = current_user._get_current_object()
    return person
