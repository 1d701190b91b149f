"""The buttons of the group's page itself: its next meeting, its door, taking it over, going on."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from ementor.accounts.models import User
from ementor.errors import Invalid
from ementor.groups import services as groups
from ementor.meetings.models import Meeting
from ementor.series import going_on, opening, planning, takeover
from ementor.series.plans import forms
from ementor.series.presses import Form, on_press
from ementor.web import number


@on_press("prepare")
def prepare(group_id: int, actor: User, form: Form) -> Meeting:
    return opening.prepare(group_id, number(form, "planned"), actor=actor)


@on_press("open_room")
def open_room(group_id: int, actor: User, form: Form) -> Meeting:
    return opening.open_room(group_id, number(form, "planned"), actor=actor)


@on_press("cancel_meeting")
def cancel_meeting(group_id: int, actor: User, form: Form) -> None:
    """Cancel the meeting, as its date was on the page: Changed when somebody has moved it since."""
    planning.cancel(group_id, number(form, "planned"), actor=actor, version=number(form, "version"))


@on_press("let_in")
def let_in(group_id: int, actor: User, form: Form) -> None:
    groups.let_in(group_id, number(form, "person"), actor=actor)


@on_press("refuse")
def refuse(group_id: int, actor: User, form: Form) -> None:
    groups.refuse(group_id, number(form, "person"), actor=actor)


@on_press("take_over")
def take_over(group_id: int, actor: User, form: Form) -> None:
    takeover.take_over(group_id, actor=actor)


@on_press("go_on")
def go_on(group_id: int, actor: User, form: Form) -> None:
    """Go on with the dates that the page showed."""
    try:
        first = datetime.strptime(form.get("first", ""), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - local time
    except ValueError:
        first = datetime.min  # noqa: DTZ901 - local time
    if not forms.FIRST_YEAR <= first.year <= forms.LAST_YEAR:
        raise Invalid(gettext("The page sent something it should not have."), field="first")
    going_on.go_on(group_id, first, actor=actor)
