"""The buttons of what people do between meetings: promises, wishes, the task, and who cannot come."""

from __future__ import annotations

from flask_babel import gettext

from ementor.accounts.models import User
from ementor.errors import Invalid
from ementor.meetings.forms import versions
from ementor.reflections.forms import text_of, yes_or_no
from ementor.reflections.services import MANY
from ementor.series import away, promises, tasks, wishes
from ementor.series.domain.promises import Became
from ementor.series.presses import Form, on_press
from ementor.web import number


@on_press("promise")
def mark_promise(group_id: int, actor: User, form: Form) -> None:
    """Say what became of the promise made at ``meeting``."""
    try:
        became = Became(form.get("became", ""))
    except ValueError:
        raise Invalid(gettext("Choose one of the options on the screen.")) from None
    promises.mark(group_id, number(form, "meeting"), became, actor=actor)


@on_press("promise_mine")
def keep_promise(group_id: int, actor: User, form: Form) -> None:
    """Keep the promise made at ``meeting`` to oneself, or show it again."""
    promises.keep_to_myself(group_id, number(form, "meeting"), _choice(form, "mine"), actor=actor)


@on_press("wish")
def write_wish(group_id: int, actor: User, form: Form) -> None:
    """Note a wish."""
    wishes.write(group_id, form.get("text", ""), actor=actor)


@on_press("wish_show")
def show_wish(group_id: int, actor: User, form: Form) -> None:
    """Show a wish to the group, or take it back."""
    wishes.show(group_id, number(form, "wish"), _choice(form, "shown"), actor=actor)


@on_press("wish_delete")
def delete_wish(group_id: int, actor: User, form: Form) -> None:
    """Delete a wish."""
    wishes.delete(group_id, number(form, "wish"), actor=actor)


@on_press("wish_bring")
def bring_wish(group_id: int, actor: User, form: Form) -> None:
    """Put a wish on the agenda of the date ``planned``."""
    wishes.bring(group_id, number(form, "wish"), number(form, "planned"), actor=actor)


@on_press("task")
def write_task(group_id: int, actor: User, form: Form) -> dict[str, str]:
    """Keep what is written for the task after ``meeting``, and whether it is shared."""
    text = text_of(form, "text", MANY * tasks.MAX_TEXT) if "text" in form else None
    seen, shared = versions(form, "text"), yes_or_no(form, "share")
    now = tasks.write(group_id, number(form, "meeting"), actor=actor, text=text, seen=seen, shared=shared)
    return {"text": now}


@on_press("cannot_come")
def cannot_come(group_id: int, actor: User, form: Form) -> None:
    """Say that one cannot come on the date ``planned``."""
    away.cannot_come(group_id, number(form, "planned"), actor=actor)


@on_press("can_come")
def can_come(group_id: int, actor: User, form: Form) -> None:
    """Take that back."""
    away.can_come(group_id, number(form, "planned"), actor=actor)


@on_press("away")
def tell_away(group_id: int, actor: User, form: Form) -> dict[str, str]:
    """Leave the facilitators a word, and choose whether the others know."""
    word = text_of(form, "word", MANY * away.MAX_WORD) if "word" in form else None
    seen, told = versions(form, "word"), yes_or_no(form, "told")
    now = away.tell(group_id, number(form, "planned"), actor=actor, word=word, seen=seen, told=told)
    return {"word": now}


def _choice(form: Form, name: str) -> bool:
    chosen = yes_or_no(form, name)
    if chosen is None:
        raise Invalid(gettext("Choose one of the options on the screen."), field=name)
    return chosen
