"""The record at the meeting's own address, its Markdown, and the two presses that make and undo it."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from ementor import i18n
from ementor.accounts.models import User
from ementor.archive import services
from ementor.archive.files import markdown, names
from ementor.archive.files.documents import document
from ementor.archive.sections import ON_PAGE
from ementor.errors import NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.ways import now_in
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.parts import template_choices
from ementor.meetings.views import on_press, when_closed

bp = Blueprint("archive", __name__)


@on_press("end")
def end(meeting: Meeting, actor: User, seen: int | None, once: str | None) -> Run:
    """End the meeting and keep its record."""
    return services.close_and_keep(meeting.id, actor=actor, seen=seen, press=once)


@on_press("reopen")
def reopen(meeting: Meeting, actor: User, seen: int | None, once: str | None) -> Run:
    """Take back the end."""
    return services.reopen(meeting.id, actor=actor, seen=seen, press=once)


@when_closed
def record(meeting: Meeting) -> ResponseReturnValue:
    """Show the record where the room was."""
    kept = services.kept(meeting.id, actor=current_user)
    return render_template(
        "archive/record.html",
        kept=kept,
        meeting=kept.meeting,
        number=meetings.run_of(meeting.id).number if kept.may_reopen else 0,
        record=kept.record,
        sections=[
            (one.template, one.shows(kept.record) if one.shows else kept.record.of(one))
            for one in ON_PAGE
            if one.template
        ],
        zone=kept.meeting.group.time_zone,
        waiting=groups.waiting_in(meeting.group_id) if kept.facilitates else [],
        now=now_in(meeting.group, policy.require_member(current_user, meeting.group_id)),
        templates=template_choices(i18n.choose(), kept.meeting.template_key),
    )


@bp.get("/m/<int:meeting_id>/record.md")
@login_required
def as_markdown(meeting_id: int) -> ResponseReturnValue:
    """Send the record as a Markdown file."""
    kept = services.kept(meeting_id, actor=current_user)
    zone, locale = kept.meeting.group.time_zone, i18n.choose()
    response = make_response(markdown.write(document(kept.record, zone=zone, locale=locale)))
    response.mimetype = "text/markdown"
    name = names.of_record(kept.record, zone=zone, locale=locale) + ".md"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/m/<int:meeting_id>/record/news")
@login_required
def news(meeting_id: int) -> ResponseReturnValue:
    """Make a record's page reload once its minute is over, or the meeting goes on."""
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    try:
        final = services.kept(meeting.id, actor=current_user).sealed
    except NotFound:
        final = True
    return ("", 200, {"HX-Refresh": "true"}) if final else ("", 204)
