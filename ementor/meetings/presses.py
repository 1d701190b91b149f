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
    then: tuple[str, ...] | None = None
    """Where the keyboard goes on once the button is gone or is another: the first of these that is there.

    A button's name, with "=" after it for the one about the same person or item; or a selector, in which
    {} is the id that the button was about. Without any it is the headline of the card.
    """


HEADLINE: tuple[str, ...] = ()
CALM = ("pause", "resume")
"""Beside the button that leads on; a second press harms nobody."""
UNDO = ("back", *CALM)
PLAN = ("undo_plan", "#h-agenda")

THEN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("start", "start_short", "reopen", "take_over", "go_on", "free_talk"), CALM),
    # What leads on may have become a button that leads further: never there.
    **dict.fromkeys(("next_item", "next_turn", "pass", "postpone", "give_word"), UNDO),
    "next": ("next_step", *UNDO),  # the same button in the steps of a turn
    "next_step": ("next", *UNDO),
    **dict.fromkeys(("draw_pairs", "draw_owners", "shuffle"), UNDO),
    "swap_pair": ("[data-swap]", *UNDO),
    "back": CALM,
    "reveal": ("#reflection h2",),
    "end": ("reopen",),
    "time_up": HEADLINE,  # nobody has pressed it
    "use_turn_length": CALM,
    "raise_hand": ("lower_hand=",),
    "lower_hand": ("raise_hand=",),
    "name_owner": ("unname_owner=",),
    "unname_owner": ("name_owner=",),
    "pause": ("resume",),
    "resume": ("pause",),
    **dict.fromkeys(("plus_minute", "minus_minute", "plus_five"), CALM),
    **dict.fromkeys(("spread_over", "stay_longer", "drop_item", "take_break", "refuse_break"), PLAN),
    "undo_plan": ("#h-agenda",),
    "enter_item": ("#item-{} button", "#h-agenda"),
    "skip_item": ("unskip_item=", "#item-{} button"),
    "unskip_item": ("skip_item=", "#item-{} button"),
    "remove_item": ("restore_item", "[data-add-item]"),
    "restore_item": ("[data-add-item]", "#h-agenda"),
    "move_item": ("#item-{} button",),
    "up": ("up=", "down="),
    "down": ("down=", "up="),
    "add_item": ("[data-add-item]", "#h-agenda"),
    "change_item": ("[data-edit-item='{}']", "#h-agenda"),
    "set_times": ("[hx-target='#times']", "#h-agenda"),
    "let_in": ("#knock-said:not(:empty)", "#person-{} a", "#h-people"),
    "refuse": ("#knock-said:not(:empty)", "#h-people"),
    "rotate_link": ("#join-link",),
    **dict.fromkeys(
        ("make_facilitator", "hand_over", "give_up", "give_role", "remove_person"),
        ("#person-{} a", "#h-people"),
    ),
}
"""Button → where the keyboard goes on, as ``Action.then`` says. Each has its line in test_focus.py."""

ACTIONS: dict[str, Action] = {}
"""Name → button."""


def on_press(name: str, key: str | None = None, then: tuple[str, ...] | None = None) -> Callable[[Do], Do]:
    """Register the function that does what the button ``name`` means; ``then`` as in ``Action``."""

    def register(function: Do) -> Do:
        if name in ACTIONS:
            raise ValueError(f"the button {name} is registered already")
        ACTIONS[name] = Action(function, key, THEN.get(name) if then is None else then)
        return function

    return register


def key_of(name: str) -> str | None:
    """Return the key that presses the button ``name``, None where it has none."""
    action = ACTIONS.get(name)
    return action.key if action else None


printing.ENVIRONMENT.globals["key_of"] = key_of


KEYS = {
    # N is what comes next within the item; what leads out of it, or ends the meeting, has another key.
    "start": "n",
    "start_short": "n",
    "draw_pairs": "n",
    "next": "n",
    "next_step": "n",
    "next_item": "i",
    "pause": "p",
    "resume": "p",
    "plus_minute": "+",
    "minus_minute": "-",
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
        raise Invalid(gettext("Something went wrong. Reload the page."), field="role") from None
    whom = press.id_of("person")
    return people.give_role(
        press.meeting.id, whom, role, actor=press.actor, seen=press.seen, press=press.once
    )
