"""The forms of the agenda: an item's and the times', as dialogs of the room or as pages of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from ementor import clock, i18n, web
from ementor.accounts.models import User
from ementor.errors import Changed, DomainError
from ementor.meetings import forms, merging, parts, printing, services
from ementor.meetings.cards.people import Invite
from ementor.meetings.domain.run import Command, Run
from ementor.meetings.models import Meeting
from ementor.meetings.services import Room
from ementor.web import is_htmx, number


def times_form(
    meeting: Meeting | Room,
    run: Run,
    form: Mapping[str, str] | None = None,
    clashes: Mapping[str, str] | None = None,
) -> str:
    """Render the form of the times, with what was typed when somebody else had changed the same."""
    shown = form or merging.times_values(run)
    return sheet(
        meeting,
        "meetings/_times.html",
        started=run.started,
        form=shown,
        since=run.number,
        clashes={name: merging.told_time(text) for name, text in (clashes or {}).items()},
        twice=forms.hour_twice(clock.now()),
    )


def item_sheet(
    meeting: Meeting | Room,
    run: Run,
    form: Mapping[str, str],
    *,
    item_id: int | None,
    clashes: Mapping[str, str] | None = None,
    wrong: str = "",
) -> str:
    """Render an item's form: its fields for the room's dialog, all of it as a page."""
    gone = item_id is not None and run.item_by_id(item_id) is None
    fields = parts.item_form(
        meeting, form, since=run.number, locale=i18n.choose(), clashes=clashes, gone=gone
    )
    if is_htmx():
        return str(fields)
    return sheet(meeting, "meetings/_item_sheet.html", fields=fields, item_id=item_id, wrong=wrong)


def save(meeting: Meeting | Room, values: Mapping[str, str], *, actor: User) -> Run | ResponseReturnValue:
    """Apply what somebody changed in a form of the agenda; what they typed is never lost."""
    since, locale = number(values, "since"), i18n.choose()
    before = services.run_at(meeting.id, since)

    def wish(run: Run) -> Command:
        if values.get("press") == "set_times":
            return merging.merged_times(values, before, run, clock.now())
        return merging.merged_item(values, before, run, locale)

    try:
        return services.act_on(meeting.id, wish, actor=actor)
    except Changed as error:
        run = services.run_of(meeting.id)
        if values.get("press") == "set_times":
            return times_form(meeting, run, error.fields, error.clashes), error.status
        item_id = _item_of(values)
        return item_sheet(meeting, run, error.fields, item_id=item_id, clashes=error.clashes), error.status
    except DomainError as error:
        if is_htmx() or error.status not in {409, 422} or values.get("press") == "set_times":
            raise
        form, item_id = merging.typed(values), _item_of(values)
        return item_sheet(meeting, before, form, item_id=item_id, wrong=error.message), error.status


def invite_sheet(meeting: Meeting | Room, card: Invite) -> str:
    """Render the link for the others. The card may lie below, so the field has another id here."""
    shown = replace(card, new_link=None, field="sheet-link")
    printed = printing.printed_card("_invite.html", shown, i18n.choose(), meeting.group.time_zone)
    return sheet(meeting, "meetings/_invite_sheet.html", invite=printed, new_link=card.new_link)


def sheet(meeting: Meeting | Room, template: str, **context: Any) -> str:
    """Render what opens over the room."""
    back = url_for("meetings.room", meeting_id=meeting.id)
    return web.sheet(template, title=meeting.group.name, back=back, meeting=meeting, **context)


def _item_of(values: Mapping[str, str]) -> int | None:
    """Return which item a form is about; None for a new one."""
    text = values.get("item", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
