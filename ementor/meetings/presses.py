"""The room's buttons, in one registry: the name of each, what it does, and its key on the keyboard.

A feature above the meetings registers its own with ``on_press``. Rights are asked by the services
that the buttons call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ementor import clock
from ementor.accounts.models import User
from ementor.errors import Invalid
from ementor.meetings import forms, printing, services, sheets
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.run import Command, Role, Run
from ementor.meetings.services import Room, pairings, people
from ementor.web import number


@dataclass(frozen=True)
class Press:
    """One press of a button: who pressed, in which meeting, and what the page sent with it."""

    meeting: Room
    actor: User
    values: Mapping[str, str]

    @property
    def seen(self) -> int | None:
        """Number of the newest event on the presser's screen."""
        text = self.values.get("seen", "")
        return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None

    @property
    def once(self) -> str | None:
        """The page's name for this press, by which it is known when it is sent again."""
        name = self.values.get("id", "")
        return name if re.fullmatch(r"[a-z0-9-]{8,40}", name) else None

    @property
    def run(self) -> Run:
        return services.run_of(self.meeting.id)

    def id_of(self, what: str) -> int:
        """Return the id of the person or item that the button is about. Raises Invalid."""
        return number(self.values, what)

    def act(self, command: Command) -> Run:
        return services.act(self.meeting.id, command, actor=self.actor, seen=self.seen, press=self.once)


Do = Callable[[Press], Run | ResponseReturnValue]
"""Does what a button means, and returns the run after it; a page where it asks once more."""


@dataclass(frozen=True)
class Action:
    """What a button does, and the key that presses it."""

    do: Do
    key: str | None = None


ACTIONS: dict[str, Action] = {}
"""Name → button."""


def on_press(name: str, key: str | None = None) -> Callable[[Do], Do]:
    """Register the function that does what the button ``name`` means."""

    def register(function: Do) -> Do:
        if name in ACTIONS:
            raise ValueError(f"the button {name} is registered already")
        ACTIONS[name] = Action(function, key)
        return function

    return register


def key_of(name: str) -> str | None:
    """Return the key that presses the button ``name``, None where it has none."""
    action = ACTIONS.get(name)
    return action.key if action else None


printing.ENVIRONMENT.globals["key_of"] = key_of


KEYS = {
    "next": "n",
    "next_step": "n",
    "next_item": "i",
    "pause": "p",
    "resume": "p",
    "plus_minute": "+",
    "back": "b",
    "raise_hand": "h",
    "lower_hand": "h",
}

# Buttons that ask for a command.

COMMANDS: dict[str, Command | Callable[[Press], Command]] = {
    "start": runs.Start(),
    "start_short": runs.StartShort(),
    "next_item": runs.NextItem(),
    "back": runs.Back(),
    "reveal": runs.Reveal(),
    # Turns
    "next": runs.Next(),
    "next_step": runs.NextStep(),
    "next_turn": runs.NextTurn(),
    "time_up": runs.TimeUp(),
    "use_turn_length": runs.UseTurnLength(),
    "pass": runs.Pass(),
    "postpone": runs.Postpone(),
    "give_word": lambda press: runs.GiveWord(press.id_of("person")),
    "raise_hand": lambda press: runs.RaiseHand(press.id_of("person")),
    "lower_hand": lambda press: runs.LowerHand(press.id_of("person")),
    "shuffle": lambda press: services.shuffled(press.run),
    "draw_owners": lambda press: services.owners_drawn(press.run),
    "name_owner": lambda press: forms.owners(press.id_of("person"), press.run, named=True),
    "unname_owner": lambda press: forms.owners(press.id_of("person"), press.run, named=False),
    "draw_pairs": lambda press: pairings.drawn(press.meeting, press.run),
    "swap_pair": lambda press: runs.SwapPair(press.id_of("one"), press.id_of("other")),
    # The clock and the plan
    "pause": runs.Pause(),
    "resume": runs.Resume(),
    "plus_minute": runs.Extend(60),
    "minus_minute": runs.Extend(-60),
    "plus_five": runs.Extend(300),
    "spread_over": runs.SpreadOver(),
    "stay_longer": runs.StayLonger(),
    "drop_item": lambda press: runs.DropItem(press.id_of("item")),
    "take_break": runs.TakeBreak(),
    "refuse_break": runs.RefuseBreak(),
    "undo_plan": runs.UndoPlan(),
    "free_talk": runs.FreeTalk(),
    "go_on": runs.GoOn(),
    # The agenda
    "enter_item": lambda press: runs.EnterItem(press.id_of("item")),
    "skip_item": lambda press: runs.SkipItem(press.id_of("item")),
    "unskip_item": lambda press: runs.UnskipItem(press.id_of("item")),
    "remove_item": lambda press: runs.RemoveItem(press.id_of("item")),
    "restore_item": runs.RestoreItem(),
    "move_item": lambda press: runs.MoveItem(press.id_of("item"), press.id_of("place")),
    "up": lambda press: forms.step(press.id_of("item"), -1, press.run),
    "down": lambda press: forms.step(press.id_of("item"), 1, press.run),
}


def _asking(wish: Command | Callable[[Press], Command]) -> Do:
    return lambda press: press.act(wish(press) if callable(wish) else wish)


for _name, _wish in COMMANDS.items():
    on_press(_name, KEYS.get(_name))(_asking(_wish))


# Forms of the agenda. A page that does not say since when its form was open is an older one.

FORMS: dict[str, Callable[[Press], Command]] = {
    "add_item": lambda press: forms.added(press.values),
    "change_item": lambda press: forms.changed(press.values, press.run),
    "set_times": lambda press: forms.times(press.values, press.run, clock.now()),
}


def _saving(wish: Callable[[Press], Command]) -> Do:
    def save(press: Press) -> Run | ResponseReturnValue:
        if "since" in press.values:
            return sheets.save(press.meeting, press.values, actor=press.actor)
        return press.act(wish(press))

    return save


for _name, _form in FORMS.items():
    on_press(_name)(_saving(_form))


# Buttons about people and the group's link.

ABOUT_SOMEBODY: dict[str, Callable[..., Run]] = {
    "make_facilitator": people.make_facilitator,
    "hand_over": people.hand_over,
    "remove_person": people.remove,
    "let_in": people.let_in,
    "refuse": people.refuse,
}
ABOUT_ONESELF: dict[str, Callable[..., Run]] = {
    "give_up": people.give_up,
    "take_over": people.take_over,
    "rotate_link": people.rotate_link,
}


def _telling(do: Callable[..., Run], *, of_somebody: bool) -> Do:
    def tell(press: Press) -> Run:
        whom = (press.id_of("person"),) if of_somebody else ()
        return do(press.meeting.id, *whom, actor=press.actor, seen=press.seen, press=press.once)

    return tell


for _name, _do in ABOUT_SOMEBODY.items():
    on_press(_name)(_telling(_do, of_somebody=True))
for _name, _do in ABOUT_ONESELF.items():
    on_press(_name)(_telling(_do, of_somebody=False))


@on_press("give_role")
def give_role(press: Press) -> Run:
    """Give somebody a role in this meeting; none takes it away."""
    try:
        role = Role(press.values["role"]) if press.values.get("role") else None
    except ValueError:
        raise Invalid(gettext("The page sent something it should not have."), field="role") from None
    whom = press.id_of("person")
    return people.give_role(
        press.meeting.id, whom, role, actor=press.actor, seen=press.seen, press=press.once
    )
