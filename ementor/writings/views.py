"""Quiet writing's addresses: the card, keeping what was written, and sharing lines of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup

from ementor import i18n
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.web import is_htmx, part_or_redirect
from ementor.writings import forms, parts, services

bp = Blueprint("writings", __name__)

Filled = Callable[[Meeting, Run, Item], Markup]
_filled: dict[str, Filled] = {}


def fills(form: str) -> Callable[[Filled], Filled]:
    """Let a feature above this one show what is filled in at items of that ``form``."""

    def register(function: Filled) -> Filled:
        _filled[form] = function
        return function

    return register


@bp.get("/m/<int:meeting_id>/writing")
@login_required
def writing(meeting_id: int) -> ResponseReturnValue:
    """Show the card to whoever asks, with their own texts; a whole page without htmx."""
    if is_htmx():
        opened, kept = (request.args.get(name, type=int) for name in ("open", "keep"))
        return str(writing_part(meeting_id, opened=opened, kept=kept))
    meeting = meetings.get_meeting(meeting_id, actor=current_user)
    part = writing_part(meeting_id, whole=True)
    return render_template("writings/writing.html", part=part, meeting=meeting)


@bp.get("/m/<int:meeting_id>/writing/<int:item_id>")
def saved(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Lead back to the card: a refused text was shown at this address."""
    return redirect(url_for(".writing", meeting_id=meeting_id), 303)


@bp.post("/m/<int:meeting_id>/writing/<int:item_id>")
@login_required
def save(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Keep what was changed; 204 to a page that needs no more than the text's new number."""
    mine = services.save(meeting_id, item_id, forms.given(request.form), actor=current_user)
    if request.headers.get("Prefer") == "return=minimal":
        # Another answer than 204 says that there is something to look at.
        response = make_response("", 200 if mine.other else 204)
        response.headers["X-Seen"] = str(mine.number)
        return response
    part = writing_part(meeting_id, opened=item_id)
    return part_or_redirect(part, url_for(".writing", meeting_id=meeting_id))


@bp.get("/m/<int:meeting_id>/writing/<int:item_id>/share")
@login_required
def choose(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Show the lines, to choose from; a whole page without htmx."""
    meeting, mine = services.mine(meeting_id, item_id, actor=current_user)
    whole = request.args.get("whole") == "yes"
    part = parts.share_part(meeting, mine, name=current_user.name, whole=whole, locale=i18n.choose())
    return str(part) if is_htmx() else render_template("writings/writing.html", part=part, meeting=meeting)


@bp.post("/m/<int:meeting_id>/writing/<int:item_id>/share")
@login_required
def share(meeting_id: int, item_id: int) -> ResponseReturnValue:
    """Put the chosen lines into the item's notes."""
    meetings.get_meeting(meeting_id, actor=current_user)  # what is refused is said in its group's language
    chosen = forms.lines(request.form.getlist("line"))
    named = request.form.get("named") != "no"
    services.share(meeting_id, item_id, chosen, named=named, actor=current_user)
    part = writing_part(meeting_id, opened=item_id)
    return part_or_redirect(part, url_for(".writing", meeting_id=meeting_id))


def writing_part(
    meeting_id: int, *, opened: int | None = None, kept: int | None = None, whole: bool = False
) -> Markup:
    """Render the card as the person asking may see it, in their language.

    Of earlier texts only the ``opened`` item's is open, and the ``kept`` one's as long as
    its author is in it; on a ``whole`` page all are.
    """
    meeting, run, desk = services.desk(meeting_id, actor=current_user, kept=kept)
    fill = _filled.get(desk.now.item.form) if desk.now else None
    return parts.writing_part(
        meeting,
        run,
        desk,
        opened=opened,
        kept=kept,
        whole=whole,
        locale=i18n.choose(),
        filled=fill(meeting, run, desk.now.item) if fill and desk.now else None,
    )
