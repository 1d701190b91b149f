"""The quiet bar: in each state it says who speaks and what is asked of the viewer, and leads there."""

from __future__ import annotations

import pytest

from ementor.meetings.cards.bar import Bar, bar
from ementor.meetings.cards.view import Viewer
from ementor.meetings.cards.words import N_, Ending
from ementor.meetings.domain.agenda import ItemSettings, Step, StepSpeaker
from ementor.meetings.domain.run import (
    Close,
    DrawPairs,
    EnterItem,
    GiveWord,
    NameOwners,
    Next,
    Pause,
    RaiseHand,
    Reveal,
    Run,
    SetTimes,
)
from tests.support.runs import ADA, BEN, EVE, GUS, after, item, planned, run_after, started
from tests.unit.test_stage import LEADER, MEMBER, in_round, says, view_of

GUEST = Viewer(GUS)


def seen(run: Run, viewer: Viewer = MEMBER, *, seconds: float = 60) -> Bar:
    return bar(view_of(run, viewer, seconds=seconds))


def told(run: Run, viewer: Viewer = MEMBER) -> tuple[str, str, str, str]:
    """Return what the bar says, what it asks, how it looks and where it leads."""
    one = seen(run, viewer)
    return says(one.says), says(one.asks), one.tone, one.to


def test_before_the_start_it_says_who_starts_and_when_that_is_known() -> None:
    run = planned(item("round", 10))
    assert told(run) == ("Not started yet", "Ada starts the meeting", "", "turn")
    assert told(run, LEADER)[1] == "You start the meeting"
    at = after(600)
    one = seen(run_after(run, (1.0, SetTimes(at, None))))
    assert one.says == N_("Starts at %(time)s", time=at)
    assert not one.counts


def test_in_a_round_each_is_told_who_speaks_and_their_own_place() -> None:
    run = in_round(Next())
    assert told(run, LEADER) == ("It is your turn", "How are you?", "mine", "turn")
    assert told(run) == ("Ada is speaking", "You are next", "next", "turn")
    assert told(run, GUEST) == ("Ada is speaking", "You are number 3 of 3", "", "turn")
    assert seen(run).face == view_of(run, MEMBER).people[ADA]
    later = in_round(Next(), Next())
    assert told(later, LEADER) == ("Ben is speaking", "You have had your turn", "", "turn")
    over = in_round(Next(), Next(), Next(), Next())
    assert told(over)[0] == "Everyone has had a turn"


def test_before_a_round_it_says_what_is_held_and_ones_own_place() -> None:
    assert told(in_round()) == ("How are you?", "You are number 2 of 3", "", "turn")


def test_a_pause_is_told_beside_what_is_asked() -> None:
    run = in_round(Next(), Pause())
    assert seen(run).paused
    assert told(run)[1] == "You are next"
    assert not seen(in_round(Next())).paused


def test_in_pairs_it_says_with_whom() -> None:
    run = started(item("pairs", 10, "Who inspires you?"), people=(ADA, BEN, GUS, EVE))
    assert told(run) == ("Who inspires you?", "Groups will be drawn soon", "", "turn")
    drawn = run_after(run, (30.0, DrawPairs(((BEN, ADA), (GUS, EVE)))))
    assert told(drawn) == ("You are with Ada", "Who inspires you?", "next", "turn")
    assert seen(drawn).face == view_of(drawn, MEMBER).people[ADA]
    assert told(drawn, Viewer(9))[1] == "The others talk in groups"


def test_in_pairs_with_turns_it_says_whose_time_it_is() -> None:
    run = started(item("pairs", 10, how=ItemSettings(each=True)), people=(ADA, BEN))
    running = run_after(run, (30.0, DrawPairs(((BEN, ADA),))), (40.0, Next()))
    assert told(running) == ("You are with Ada", "You have the floor.", "mine", "turn")
    assert told(running, LEADER) == ("You are with Ben", "Ben has the floor.", "next", "turn")


def test_quiet_writing_leads_to_ones_own_text() -> None:
    run = started(item("writing", 5, "Write"))
    assert told(run) == ("Write alone", "Only you see it", "alone", "writing")


def test_the_closing_reflection_leads_to_the_answers_and_says_when_they_are_shown() -> None:
    run = started(item("reflection", 10, "Closing"))
    assert told(run) == ("Closing", "Answer alone. You choose what others see.", "alone", "reflection")
    shown = run_after(run, (30.0, Reveal()))
    assert told(shown) == ("The answers are shown", "Read what the group shared", "next", "reflection")


def test_a_break_says_until_when() -> None:
    run = started(item("break", 5, "Break"), item("open", 10, "Talk"))
    one = seen(run)
    assert says(one.says) == "Break"
    ends = after(300)
    assert one.asks == N_("We continue at %(time)s", time=Ending(ends, less=600))
    assert seen(run_after(run, (30.0, Pause()))).asks is None


def test_in_open_talk_it_says_who_speaks_and_ones_place_among_the_hands() -> None:
    run = started(item("open", 10, "Talk"))
    assert told(run) == ("Talk", "Open talk", "", "turn")
    raised = run_after(run, (10.0, RaiseHand(GUS)), (11.0, RaiseHand(BEN)))
    assert told(raised, GUEST)[1:3] == ("You are next", "next")
    assert told(raised)[1] == "You are number 2 of 2"
    given = run_after(run, (10.0, GiveWord(BEN)))
    assert told(given) == ("It is your turn", "Talk", "mine", "turn")
    assert told(given, GUEST) == ("Ben is speaking", "Talk", "", "turn")


def test_in_a_case_it_says_the_step_and_what_one_does_in_it() -> None:
    steps = (
        Step({"": "Tell"}, 60, StepSpeaker.SPEAKER),
        Step({"": "Think"}, 60, StepSpeaker.OTHERS),
        Step({"": "Ask"}, 60, StepSpeaker.EACH),
    )
    run = started(item("case", 20, "Cases", how=ItemSettings(steps=steps)))
    assert told(run)[0] == "Whose case?"
    telling = run_after(run, (1.0, NameOwners((BEN,))), (2.0, Next()))
    assert told(telling) == ("Tell", "You have the floor.", "mine", "turn")
    assert told(telling, GUEST) == ("Tell", "Ben has the floor.", "", "turn")
    assert seen(telling, GUEST).face == view_of(telling, GUEST).people[BEN]
    thinking = run_after(telling, (3.0, Next()))
    assert told(thinking) == ("Think", "You listen, with your microphone off.", "", "turn")
    asking = run_after(thinking, (4.0, Next()), (5.0, Next()))
    assert told(asking, Viewer(asking.voice or 0))[1:3] == ("Now you.", "mine")


def test_after_the_end_it_leads_to_the_record() -> None:
    run = run_after(in_round(Next()), (90.0, Close()))
    assert told(run) == ("The meeting has ended", "Open the record", "mine", "record")
    assert not seen(run).counts


@pytest.mark.parametrize("viewer", [LEADER, MEMBER, Viewer(EVE)])
def test_it_always_says_something_and_asks_something(viewer: Viewer) -> None:
    modes = ("open", "round", "writing", "pairs", "case", "input", "break", "reflection")
    run = started(*(item(mode, 5, mode.title()) for mode in modes))
    for one in run.agenda:
        here = run_after(run, (30.0, EnterItem(one.id)))
        assert says(seen(here, viewer).says), one.mode
        assert says(seen(here, viewer).asks), one.mode
