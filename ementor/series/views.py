"""A group's page between its meetings, and where its link leads."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor.accounts.models import User
from ementor.accounts.views import somebody
from ementor.groups import policy
from ementor.groups.models import Group, Membership
from ementor.groups.views import counting_tries
from ementor.groups.ways import Now, says_now
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.parts import people_of
from ementor.meetings.views import on_press as on_room_press
from ementor.series import between, calendar, opening, page, promises, services, wishes
from ementor.series.domain.dates import State
from ementor.series.presses import PRESSES
from ementor.web import is_htmx, number, part_or_redirect, sheet

bp = Blueprint("series", __name__)


@says_now
def now_in(group: Group, member: Membership | None) -> Now | None:
    """Lead a member to the room that is open or running, else to the group's page."""
    if member is not None:
        meeting_id = opening.way_of(member).meeting_id
        url = url_for("meetings.room", meeting_id=meeting_id) if meeting_id else _url(group.id)
        return Now(url, {"": group.name})
    planned = services.planned_of(group)
    ahead = [one for one in planned if one.state in {State.PLANNED, State.OPEN, State.RUNNING}]
    return Now(_url(group.id), (ahead or planned)[0].title) if planned else None


@bp.get("/g/<int:group_id>")
@login_required
def group(group_id: int) -> ResponseReturnValue:
    """Show the group's page; to htmx what is in it."""
    return str(_content(group_id)) if is_htmx() else _page(group_id)


@bp.get("/g/<int:group_id>/news")
@login_required
def news(group_id: int) -> ResponseReturnValue:
    """Answer the page's content when it shows something else than what the page tells that it shows."""
    stamp = page.stamp_of(group_id, actor=somebody())
    return ("", 204) if request.args.get("stamp") == stamp else str(_content(group_id))


@bp.post("/g/<int:group_id>")
@login_required
def press(group_id: int) -> ResponseReturnValue:
    """Answer a button of the group's page."""
    services.for_member(group_id, somebody())
    answer = PRESSES.get(request.values.get("press", "")) or abort(400)
    actor = current_user._get_current_object()
    said = answer(group_id, actor, request.values)
    if request.headers.get("Prefer") == "return=minimal":
        return said if isinstance(said, dict) else ("", 204)
    return part_or_redirect(str(_content(group_id)) if is_htmx() else "", _url(group_id))


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
    return sheet(
        "series/_calendar.html",
        title=gettext("Calendar"),
        back=_url(group_id),
        series=series,
        address=address,
        webcal=re.sub("^https?", "webcal", address),
        leads=policy.leads(member),
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


def _page(group_id: int) -> str:
    content = page.of(group_id, actor=somebody())
    return render_template("series/group.html", page=content, content=_rendered(content))


def _content(group_id: int) -> Markup:
    return _rendered(page.of(group_id, actor=somebody()))


def _rendered(content: page.Page) -> Markup:
    return Markup(render_template("series/_group.html", page=content))  # noqa: S704


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
    between.mark_promise(meeting.group_id, current_user._get_current_object(), request.values)
    _, part = _last_time(meeting_id)
    return part_or_redirect(part, url_for("meetings.room", meeting_id=meeting_id))


def _last_time(meeting_id: int) -> tuple[Meeting, Markup]:
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    member, everybody = policy.together(current_user, meeting.group_id)
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


@on_room_press("add_wish")
def add_wish(meeting: Meeting, actor: User, seen: int | None) -> Run:
    """Put a wish on the agenda, where it was dropped or before the closing reflection."""
    place = number(request.values, "place") if "place" in request.values else None
    return wishes.take_up(meeting, number(request.values, "wish"), actor=actor, place=place)
