"""The tour of the practice room: the room's own rules, walked through by somebody with made-up companions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ementor.meetings.domain import floor
from ementor.meetings.domain.agenda import Mode
from ementor.practice import tour
from ementor.practice.tour import AINO, BJORN, CHARLIE, YOU, Log
from tests.support.runs import NOON, after


def walked(*presses: str) -> Log:
    """Return the log after presses, five seconds apart."""
    log = tour.begin(NOON)
    for number, press in enumerate(presses, start=1):
        log = tour.after(log, press, after(5 * number))
    return log


def at(*presses: str) -> tuple[str, str, int | None]:
    here = tour.scene(walked(*presses))
    return here.step, here.did, here.run.speaker


def test_pressing_on_leads_through_every_step_and_then_no_further() -> None:
    steps = [tour.scene(walked(*["on"] * times)).step for times in range(len(tour.ORDER) + 2)]
    assert steps == [*tour.ORDER, "done", "done"]


def test_the_round_goes_to_the_visitor_and_they_hand_it_on() -> None:
    assert at("on") == ("listen", "", AINO)
    assert at("on", "on") == ("soon", "", BJORN)
    here = tour.scene(walked("on", "on"))
    assert floor.upcoming(here.run) == (YOU, CHARLIE)
    assert at("on", "on", "on") == ("turn", "", YOU)
    assert at("on", "on", "on", "next") == ("turn", "handed", CHARLIE)
    assert at("on", "on", "on", "pass") == ("turn", "handed", CHARLIE)
    assert at("on", "on", "on", "postpone") == ("turn", "handed", CHARLIE)


def test_the_companions_take_their_turns_by_themselves_but_never_the_visitors() -> None:
    assert at("on", "others", "others") == ("turn", "", YOU)
    assert at("on", "others", "others", "others") == ("turn", "", YOU)
    assert at("on", "others", "others", "next", "others")[0] == "hand"
    assert [tour.scene(walked(*["on"] * times)).after_s for times in range(7)] == [
        None,
        tour.READ_S,
        tour.HAND_ON_S,
        None,
        None,
        None,
        None,
    ]


def test_a_raised_hand_is_given_the_word() -> None:
    to_hand = ["on"] * 4
    assert at(*to_hand) == ("hand", "", AINO)
    assert at(*to_hand, "raise_hand") == ("hand", "raised", AINO)
    assert at(*to_hand, "raise_hand", "lower_hand") == ("hand", "", AINO)
    assert at(*to_hand, "raise_hand", "others") == ("hand", "word", YOU)
    assert at(*to_hand, "raise_hand", "others", "next") == ("hand", "spoke", None)
    here = tour.scene(walked(*to_hand, "raise_hand", "on"))
    assert (here.step, here.run.hands, here.run.speaker) == ("notes", (), None)


def test_the_visitor_can_press_only_what_the_room_lets_a_participant_press() -> None:
    assert walked("on", "next") == walked("on")
    assert walked("on", "pause") == walked("on")
    assert walked("end") == walked()
    assert walked("on", "raise_hand", "on")[-1][0] == "soon"


def test_going_back_begins_the_step_before_anew() -> None:
    log = walked("on", "on", "on", "next", "again")
    here = tour.scene(log)
    assert (here.step, here.run.speaker) == ("soon", BJORN)
    assert here.run.elapsed_s(after(30)) == 5  # pressed at 25
    assert at("again") == ("agenda", "", None)
    assert at(*["on"] * 7, "again")[0] == "closing"


def test_whatever_was_done_or_left_out_each_step_finds_its_item() -> None:
    for between in ("", "next", "raise_hand", "others", "again"):
        presses = [press for _ in range(4) for press in ("on", between) if press]
        here = tour.scene(walked(*presses, *["on"] * 8))
        assert here.step == "done"
        assert here.run.item is not None
        assert here.run.item.mode is Mode.REFLECTION


def test_the_page_keeps_the_log_and_gives_it_back_whole() -> None:
    log = walked("on", "on", "on", "next", "on", "raise_hand")
    assert tour.read(tour.write(log), after(60)) == log


@pytest.mark.parametrize(
    "text",
    [
        "",
        "agenda",
        "nonsense:1764158400000",
        "agenda:1764158400000 evil",
        "listen:{0}",
        "agenda:{0} soon:{0}",
        "agenda:{0} listen:{1} soon:{0}",
        "agenda:{2}",
        "agenda:{3}",
        "agenda:{0} listen:{0} listen:{0}",
        "agenda:{0}" + " next:{0}" * 200,
        "agenda:{0}\nlisten:{0}",
        "<script>",
    ],
)
def test_a_log_that_is_not_to_be_believed_begins_the_tour(text: str) -> None:
    now = after(60)
    ms = [int(one.timestamp() * 1000) for one in (NOON, after(5), NOON - timedelta(days=2), after(90))]
    assert tour.read(text.format(*ms), now) == tour.begin(now)
