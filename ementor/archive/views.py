"""The record at the meeting's own address, its files, and the two presses that make and undo it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from ementor import clock, i18n
from ementor.apart import apart, one_at_a_time
from ementor.archive import corrected, corrections, neighbours, services
from ementor.archive.files.documents import paper_of, series_of
from ementor.archive.files.formats import TYPES, Paper, written
from ementor.archive.sections import ON_PAGE
from ementor.errors import Changed, Conflict, Invalid, NotFound
from ementor.extensions import limiter
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.ways import now_in
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.meetings.parts import people_of, template_choices
from ementor.meetings.presses import Press, on_press
from ementor.meetings.views import when_closed

bp = Blueprint("archive", __name__)


def _who() -> str:
    return str(current_user.get_id() or request.remote_addr)


_within_budget = limiter.shared_limit("60/minute", scope="files", key_func=_who)
"""For each person: a ZIP of a whole series takes the processor for a second."""


@on_press("end", "e")
def end(press: Press) -> Run:
    """End the meeting and keep its record."""
    return services.close_and_keep(press.meeting.id, actor=press.actor, seen=press.seen, press=press.once)


@on_press("reopen", "b")
def reopen(press: Press) -> Run:
    """Take back the end."""
    return services.reopen(press.meeting.id, actor=press.actor, seen=press.seen, press=press.once)


@when_closed
def record(meeting: Meeting) -> ResponseReturnValue:
    """Show the record where the room was."""
    kept = services.kept(meeting.id, actor=current_user)
    return render_template(
        "archive/record.html",
        kept=kept,
        contents=[line for one in ON_PAGE if one.contents for line in one.contents(kept.record)],
        place=neighbours.position_of(kept.meeting),
        around=neighbours.around(kept.meeting, actor=current_user),
        faces=people_of(policy.members(meeting.group_id), Run()),
        at=clock.now(),
        meeting=kept.meeting,
        number=meetings.run_of(meeting.id).number if kept.may_reopen else 0,
        corrected=corrected.shown(services.kept_as_was(meeting.id), meeting.id) if kept.sealed else {},
        corrections=corrected.count_of(meeting.id),
        correct_until=corrections.until(kept.meeting) if corrections.is_open(kept.meeting) else None,
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


@bp.get("/m/<int:meeting_id>/record.md", defaults={"kind": "md"})
@bp.get("/m/<int:meeting_id>/record.html", defaults={"kind": "html"})
@bp.get("/m/<int:meeting_id>/record.docx", defaults={"kind": "docx"})
@bp.get("/m/<int:meeting_id>/record.zip", defaults={"kind": "zip"})
@_within_budget
@login_required
def take(meeting_id: int, kind: str) -> ResponseReturnValue:
    """Send a record as a file."""
    kept = services.kept(meeting_id, actor=current_user)
    paper = paper_of(kept.record, zone=kept.meeting.group.time_zone, locale=i18n.choose())
    return _file(kind, [paper])


@bp.get("/g/<int:group_id>/notes.md", defaults={"kind": "md"})
@bp.get("/g/<int:group_id>/notes.html", defaults={"kind": "html"})
@bp.get("/g/<int:group_id>/notes.docx", defaults={"kind": "docx"})
@bp.get("/g/<int:group_id>/notes.zip", defaults={"kind": "zip"})
@_within_budget
@login_required
def take_series(group_id: int, kind: str) -> ResponseReturnValue:
    """Send all records of a group that one may read as one file."""
    group, records = services.readable_records(group_id, actor=current_user)
    about = {"zone": group.time_zone, "locale": i18n.choose()}
    if not records:
        raise NotFound(
            gettext(
                "There is nothing to download yet. The notes of all the meetings you can read will be here."
            )
        )
    papers = [series_of(records, group=group.name, **about)]
    if kind == "zip":
        papers += [paper_of(record, **about) for record in records]
    return _file(kind, papers, folder=papers[0].name)


def _file(kind: str, papers: Sequence[Paper], folder: str = "") -> ResponseReturnValue:
    with one_at_a_time(current_user.id):
        response = make_response(apart(written, kind, papers, folder))
    response.mimetype = TYPES[kind]
    name = f"{papers[0].name}.{kind}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/m/<int:meeting_id>/correct/<part>")
@login_required
def correct(meeting_id: int, part: str) -> ResponseReturnValue:
    """Show a part of the notes in a field, and its earlier versions."""
    return _correct_page(meeting_id, part)


@bp.post("/m/<int:meeting_id>/correct/<part>")
@limiter.limit("30/minute", key_func=_who)
@login_required
def save_correction(meeting_id: int, part: str) -> ResponseReturnValue:
    """Keep a correction; what was typed is shown again with what is wrong with it."""
    text, seen = request.form.get("text", ""), request.form.get("seen", -1, type=int)
    try:
        corrections.correct(meeting_id, part, text, seen=seen, actor=current_user)
    except (Changed, Conflict, Invalid) as error:
        return _correct_page(meeting_id, part, typed=corrections.clean(text), error=error), error.status
    return redirect(f"/m/{meeting_id}#{part}", 303)


@bp.post("/m/<int:meeting_id>/correct/<part>/restore")
@login_required
def restore(meeting_id: int, part: str) -> ResponseReturnValue:
    """Put an earlier text of a part back."""
    earlier, seen = (request.form.get(name, -1, type=int) for name in ("number", "seen"))
    corrections.restore(meeting_id, part, earlier, seen=seen, actor=current_user)
    return redirect(f"/m/{meeting_id}#{part}", 303)


def _correct_page(
    meeting_id: int, part: str, *, typed: str | None = None, error: Exception | None = None
) -> str:
    found = corrections.of(meeting_id, part, actor=current_user)
    return render_template(
        "archive/correct.html",
        one=found,
        meeting=found.kept.meeting,
        zone=found.kept.meeting.group.time_zone,
        text=found.text if typed is None else typed,
        typed=typed is not None,
        error=error,
        theirs=error.clashes["text"] if isinstance(error, Changed) else None,
        max_text=corrections.MAX_TEXT,
    )


@bp.get("/m/<int:meeting_id>/record/news")
@login_required
def news(meeting_id: int) -> ResponseReturnValue:
    """Make a record's page reload once its minute is over, or the meeting goes on.

    A page that tells how many corrections it has ``seen`` is told whether there are more.
    """
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    try:
        final = services.kept(meeting.id, actor=current_user).sealed
    except NotFound:
        final = True
    seen = request.args.get("seen", type=int)
    if final and seen is not None:
        return "", 200 if corrected.count_of(meeting_id) > seen else 204
    return ("", 200, {"HX-Refresh": "true"}) if final else ("", 204)
