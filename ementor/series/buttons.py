"""The buttons of the group's page: next meeting, door, duties, taking it over, going on."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from ementor.accounts.models import User
from ementor.errors import Invalid
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.meetings.models import Meeting
from ementor.series import going_on, opening, planning, rota, takeover
from ementor.series.models import Duty
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


@on_press("willing")
def willing(group_id: int, actor: User, form: Form) -> None:
    rota.be_willing(group_id, _duty_in(form), actor=actor, willing=form.get("willing") == "yes")


@on_press("swap")
def ask_to_swap(group_id: int, actor: User, form: Form) -> None:
    rota.ask(group_id, number(form, "planned"), _duty_in(form), number(form, "person"), actor=actor)


@on_press("accept_swap")
def accept_swap(group_id: int, actor: User, form: Form) -> None:
    rota.answer(group_id, number(form, "swap"), actor=actor, accept=True)


@on_press("decline_swap")
def decline_swap(group_id: int, actor: User, form: Form) -> None:
    rota.answer(group_id, number(form, "swap"), actor=actor, accept=False)


@on_press("give_duty")
def give_duty(group_id: int, actor: User, form: Form) -> None:
    rota.give(group_id, number(form, "planned"), _duty_in(form), number(form, "person"), actor=actor)


@on_press("duty_rule")
def duty_rule(group_id: int, actor: User, form: Form) -> None:
    """Let it go round, first to whose it was; or be one member's; or nobody's, until somebody takes it."""
    duty, who = _duty_in(form), form.get("who", "")
    rotates = who == "turns"
    if rotates:
        policy.require_keeper(actor, group_id)
        person_id = rota.rota_of(group_id).rules[duty].person
    else:
        person_id = number(form, "who") if who else None
    rota.set_rule(group_id, duty, actor=actor, rotates=rotates, person_id=person_id)


def _duty_in(form: Form) -> Duty:
    """Return the duty that a form is about. Raises Invalid."""
    try:
        return Duty(form.get("duty", Duty.LEAD.value))
    except ValueError:
        raise Invalid(gettext("Something went wrong. Reload the page."), field="duty") from None


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
        raise Invalid(gettext("Something went wrong. Reload the page."), field="first")
    going_on.go_on(group_id, first, actor=actor)
