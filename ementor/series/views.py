"""A group's page between its meetings, and where its link leads."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor.accounts.views import somebody
from ementor.groups import policy
from ementor.groups.models import Group, Membership
from ementor.groups.views import counting_tries
from ementor.groups.ways import Now, says_now
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.parts import people_of
from ementor.series import buttons, calendar, leading, opening, page, services
from ementor.series.domain.dates import State
from ementor.series.presses import PRESSES
from ementor.web import is_htmx, part_or_redirect

bp = Blueprint("series", __name__)
__all__ = ["bp", "buttons"]


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
    """Answer a button of the group's page; one that answers with a meeting leads to its room."""
    services.for_member(group_id, somebody())
    answer = PRESSES.get(request.values.get("press", "")) or abort(400)
    actor = current_user._get_current_object()
    what = answer(group_id, actor, request.values)
    if isinstance(what, Meeting):
        room = url_for("meetings.room", meeting_id=what.id)
        return make_response("", 200, {"HX-Redirect": room}) if is_htmx() else redirect(room, 303)
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


def _page(group_id: int) -> str:
    content = page.of(group_id, actor=somebody())
    return render_template("series/group.html", page=content, content=_rendered(content))


def _content(group_id: int) -> Markup:
    return _rendered(page.of(group_id, actor=somebody()))


def _rendered(content: page.Page) -> Markup:
    return Markup(render_template("series/_group.html", page=content))  # noqa: S704


def _url(group_id: int) -> str:
    return url_for("series.group", group_id=group_id)
