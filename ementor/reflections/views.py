"""The closing reflection's two addresses: show the part, and keep what was written."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor import clock, i18n
from ementor.groups import policy
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.reflections import forms, parts, services
from ementor.web import is_htmx, part_or_redirect
from ementor.writings.views import fills

bp = Blueprint("reflections", __name__)


@bp.get("/m/<int:meeting_id>/reflection")
@login_required
def reflection(meeting_id: int) -> ResponseReturnValue:
    """Show the part to whoever asks, with their own answers; a whole page without htmx."""
    part = reflection_part(meeting_id)
    if is_htmx():
        return str(part)
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    return render_template("reflections/reflection.html", part=part, meeting=meeting)


@bp.post("/m/<int:meeting_id>/reflection")
@login_required
def save(meeting_id: int) -> ResponseReturnValue:
    """Keep some fields or all of them; a page that saves by itself hears what its texts are now."""
    given = forms.given(request.form)
    mine = services.save(meeting_id, given, actor=current_user)
    if request.headers.get("Prefer") == "return=minimal":
        texts = {f"text-{key}": mine.texts[key] for key in given.texts}
        if given.steps:
            texts["step"] = mine.step
        return texts or ("", 204)
    room = url_for("meetings.room", meeting_id=meeting_id, _anchor="reflection")
    return part_or_redirect(reflection_part(meeting_id), room)


@fills("step")
def step(meeting: Meeting, run: Run, item: Item) -> Markup:
    """Show the person's next step where the group writes it down: the reflection's own, no other."""
    mine = services.mine(meeting.id, current_user.id)
    return parts.step_part(meeting, item, mine, revealed=run.revealed, locale=i18n.choose())


def reflection_part(meeting_id: int) -> Markup:
    """Render the closing reflection as the person asking may see it, in their language."""
    meeting, run, reflecting = services.reflecting(meeting_id, actor=current_user)
    member = policy.require_member(current_user, meeting.group_id)
    return parts.reflection_part(
        meeting,
        run,
        reflecting,
        locale=i18n.choose(),
        leads=policy.leads(member),
        now=clock.now(),
    )
