"""The registry of the room's buttons: every button that a page shows is in it, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ementor.archive import views as archive
from ementor.meetings import presses
from ementor.series import views as series

ROOT = Path(__file__).parents[2]
ROOM = [
    *(ROOT / "templates/meetings").glob("*.html"),
    *(ROOT / "ementor/meetings/cards").glob("*.py"),
    ROOT / "templates/reflections/_reflection.html",
    ROOT / "templates/series/_room_wishes.html",
    *(ROOT / "static/js").rglob("agenda.js"),
    *(ROOT / "static/js").rglob("timer.js"),
]
"""Where the room's buttons are: templates, the cards, and the two scripts that press by themselves."""
A_BUTTON = re.compile(
    r"""name="press"\ value="([a-z_]+)"      # written out
      | \bpress:\ "([a-z_]+)"              # by a script
      | \b(?:Button|button|Way)\(\s*"([a-z_]+)"  # in a card
      | press\.value\ =\ id\ \?\ "([a-z_]+)"\ :\ "([a-z_]+)"
      | "(name_owner|unname_owner|next_step)"
    """,
    re.VERBOSE,
)


def shown() -> set[str]:
    """Return the names of the buttons that the room's pages show."""
    texts = [path.read_text() for path in ROOM if path.exists()]
    return {name for text in texts for found in A_BUTTON.findall(text) for name in found if name}


def test_every_button_that_is_shown_is_registered_and_every_registered_one_is_shown() -> None:
    assert {archive.end, series.add_wish}  # the features above have registered theirs
    assert shown() == set(presses.ACTIONS)


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="start"):
        presses.on_press("start")(lambda press: press.run)


def test_keys_belong_to_buttons_that_there_are() -> None:
    assert set(presses.KEYS) <= set(presses.ACTIONS)
    assert [presses.key_of(name) for name in ("next", "raise_hand", "end", "none")] == ["n", "h", "e", None]


LEAD_ON = {
    "start",
    "start_short",
    "next_item",
    "next_turn",
    "pass",
    "postpone",
    "give_word",
    "draw_pairs",
    "reveal",
}
LEAD_ON |= {"end", "let_in", "refuse", "enter_item", "remove_item", "remove_person", "hand_over", "give_up"}
WITHIN_A_TURN = {("next", "next_step"), ("next_step", "next")}
"""One button in one place, which leads from step to step."""


@pytest.mark.parametrize("name", sorted(presses.ACTIONS))
def test_each_button_says_where_the_keyboard_goes_on(name: str) -> None:
    then = presses.ACTIONS[name].then
    assert then is not None, f"{name} says nowhere; () is the headline of its card"
    named = {wish.rstrip("=") for wish in then if re.fullmatch("[a-z_]+=?", wish)}
    assert named <= set(presses.ACTIONS)
    assert not named & LEAD_ON, "a second press would lead further"
    assert {(name, one) for one in named & {"next", "next_step"}} <= WITHIN_A_TURN


def test_the_table_of_the_keyboard_is_of_buttons_that_there_are() -> None:
    assert set(presses.THEN) <= set(presses.ACTIONS)
