"""What the card in the middle says and offers, to whom: rules, without a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ementor.meetings import printing
from ementor.meetings.cards.acts import acts
from ementor.meetings.cards.agenda import agenda as agenda_card
from ementor.meetings.cards.head import clock_data, head
from ementor.meetings.cards.people import invite
from ementor.meetings.cards.queue import queue
from ementor.meetings.cards.stage import Stage, ring, stage_of, top
from ementor.meetings.cards.view import NOBODY, Person, View, Viewer
from ementor.meetings.cards.words import N_, Own, Value, Words
from ementor.meetings.domain.agenda import CaseField, ItemSettings, Step, StepSpeaker
from ementor.meetings.domain.offers import offers
from ementor.meetings.domain.run import (
    AskIdle,
    Close,
    Command,
    DrawPairs,
    EnterItem,
    NameOwners,
    Next,
    NextStep,
    Pass,
    Pause,
    PersonLeft,
    RaiseHand,
    Run,
)
from ementor.meetings.presses import key_of
from tests.support.runs import ADA, BEN, EVE, GUS, after, item, planned, run_after, started
from tests.unit.test_run_properties import course_of_events, often, whatever_is_pressed

NAMES = {ADA: "Ada", BEN: "Ben", GUS: "Gus", EVE: "Eve"}
LEADER = Viewer(ADA, may_run=True, leads=True, keeps=True)
MEMBER = Viewer(BEN)


def view_of(run: Run, viewer: Viewer, *, seconds: float = 60, present: Sequence[int] | None = None) -> View:
    people = {
        one: Person(one, name, name[:2].upper(), "a", one == ADA, one in run.present, None)
        for one, name in NAMES.items()
    }
    now = after(seconds)
    return View(run, people, viewer, now, offers(run, now), "en", meeting_id=7)


def stage(run: Run, viewer: Viewer, *, seconds: float = 60) -> Stage:
    return stage_of(view_of(run, viewer, seconds=seconds))


def in_round(*presses: Command) -> Run:
    """Return a round of Ada, Ben and Gus after presses half a minute apart."""
    run = started(item("round", 10, "How are you?"), item("open", 5, "Talk"))
    return run_after(run, *((30.0 * n, press) for n, press in enumerate(presses, start=1)))


def says(value: Value | None) -> str:
    """Return a card's words in English."""
    match value:
        case Words(text, values):
            return text % {name: says(one) for name, one in values}
        case Own(text):
            return text
        case tuple():
            return "".join(says(one) for one in value)
    return str(value)


def buttons(of: Stage) -> list[str]:
    return [one.name for one in (*of.acts.main, *of.acts.row, *of.acts.more)]


def test_before_the_start_only_who_runs_the_meeting_may_start_it() -> None:
    run = planned(item("round", 10))
    assert says(stage(run, LEADER).say.headline) == "Ready when you are"
    assert buttons(stage(run, LEADER)) == ["start"]
    assert buttons(stage(run, MEMBER)) == []
    assert stage(run, LEADER).invites  # a member finds the link in the menu
    assert not stage(run, MEMBER).invites


def test_the_headline_says_whose_turn_it_is_and_to_the_speaker_that_it_is_theirs() -> None:
    run = in_round(Next())
    assert says(stage(run, LEADER).say.headline) == "Your turn, Ada"
    assert says(stage(run, MEMBER).say.headline) == "Ada is speaking"
    assert stage(run, MEMBER).say.headline == N_("%(name)s is speaking", name=Own("Ada"))


def test_a_round_that_is_ready_says_who_begins_and_what_it_takes_in_words() -> None:
    leader, member = stage(in_round(), LEADER), stage(in_round(), MEMBER)
    assert says(leader.say.headline) == "You begin the round"
    assert says(member.say.headline) == "Ada begins the round"
    assert says(member.say.cost) == "3 people, 3:10 each: about 10 min in total"
    assert says(leader.acts.main[-1].label) + says(leader.acts.main[-1].wide) == "Start the round: Ada"
    assert [one.name for one in leader.acts.row] == ["shuffle", "pause", "plus_minute"]
    assert [one.name for one in leader.acts.more] == ["minus_minute", "next_item", "end"]
    assert stage(in_round(Next()), MEMBER).say.cost is None
    alone = started(item("round", 10), people=(ADA,))
    assert says(stage(alone, LEADER).say.cost) == "One turn, about 10 min"


def test_undo_says_where_it_goes_back_to() -> None:
    def undo(run: Run) -> str:
        return says(next(one for one in stage(run, LEADER).acts.row if one.name == "back").says)

    assert [one.name for one in stage(in_round(), LEADER).acts.row].count("back") == 0
    assert undo(in_round(Next())) == "Undo, back to where we were before"
    assert undo(in_round(Next(), Next())) == "Undo, back to Ada's turn"
    assert undo(run_after(in_round(Next()), (90, EnterItem(2)))) == (
        "Undo, back to the previous item: How are you?"
    )
    steps = (Step({"": "Tell"}, 60), Step({"": "Ask"}, 60), Step({"": "Write"}, 60))
    assert undo(run_at_step_two(steps)) == "Undo, back to the previous step"


def test_more_holds_the_rest_in_words_that_say_whom_it_is_about() -> None:
    def labels(of: Stage) -> list[str]:
        return [says(one.label) for one in of.acts.more]

    run = in_round(Next(), Next())
    assert labels(stage(run, LEADER)) == [
        "Pass Ben's turn",
        "Move Ben's turn to later",
        "−1 min",
        "Next item: Talk",
        "End the meeting",
    ]
    assert labels(stage(run, MEMBER)) == ["Pass my turn", "I'll speak later"]
    next_item = stage(run, LEADER).acts.more[3]
    assert says(next_item.note) == "Turns that would be left out: 1"


def test_who_runs_the_meeting_may_lower_a_forgotten_hand_and_no_other_may() -> None:
    run = run_after(started(item("open", 10)), (10, RaiseHand(GUS)), (20, RaiseHand(ADA)))
    lowers = [one for one in stage(run, LEADER).acts.more if one.name == "lower_hand"]
    assert [(says(one.label), one.about, one.has_key) for one in lowers] == [
        ("Lower Gus's hand", ("person", GUS), False)
    ]
    assert "lower_hand" not in buttons(stage(run, MEMBER))


def test_everybody_reads_their_own_place_in_the_round() -> None:
    run = in_round(Next(), Next(), Pass())
    places = {name: says(stage(run, Viewer(one)).say.place) for one, name in NAMES.items()}
    assert places == {
        "Ada": "You have had your turn",
        "Ben": "You passed",
        "Gus": "Take the time you need. Nobody will cut you off.",
        "Eve": "You are not in this round",
    }
    begun = in_round(Next())
    assert [says(stage(begun, Viewer(one)).say.place) for one in (BEN, GUS)] == [
        "You are next",
        "You are number 3 of 3",
    ]
    assert [stage(begun, Viewer(one)).say.soon for one in (ADA, BEN, GUS)] == [False, True, False]


def test_who_is_away_comes_later_and_is_said_to_be_away() -> None:
    run = run_after(in_round(Next()), (40, PersonLeft(BEN, after(40))))
    assert [(one.person.name, one.way) for one in stage(run, LEADER).queue.order] == [
        ("Ada", "now"),
        ("Gus", "next"),
        ("Ben", "later"),
    ]


def test_the_speaker_may_hand_on_pass_or_come_back_later_and_no_more() -> None:
    run = in_round(Next(), Next())
    assert buttons(stage(run, Viewer(BEN))) == ["next", "pass", "postpone"]
    assert buttons(stage(run, Viewer(GUS))) == []
    assert [one.gives for one in stage(run, Viewer(BEN)).queue.order] == [False, False, False]
    assert [one.gives for one in stage(run, LEADER).queue.order] == [False, False, True]


def test_the_great_button_names_the_next_speaker_and_at_last_finishes_the_round() -> None:
    going_on = [stage(in_round(*[Next()] * turns), LEADER).acts.main[-1] for turns in (1, 3, 4)]
    assert [says(one.label) + says(one.wide or "") for one in going_on] == [
        "Next speaker: Ben",
        "Finish the round",
        "Next item",
    ]


def test_the_last_item_ends_the_meeting_for_who_facilitates_only() -> None:
    run = run_after(started(item("writing", 5)), (10, Pause()))
    assert buttons(stage(run, LEADER))[:3] == ["end", "resume", "plus_minute"]
    assert buttons(stage(run, LEADER)).count("end") == 1
    assert "end" not in buttons(stage(run, Viewer(BEN, may_run=True)))


def test_in_open_talk_hands_make_the_queue() -> None:
    run = run_after(started(item("open", 10)), (10, RaiseHand(GUS)), (20, RaiseHand(BEN)))
    member, leader = stage(run, MEMBER), stage(run, LEADER)
    assert says(member.say.place) == "You are number 2 of 2"
    assert says(stage(run, Viewer(GUS)).say.place) == "You are next"
    assert [one.name for one in member.queue.hands] == ["Gus", "Ben"]
    assert [one.name for one in member.acts.main] == ["lower_hand"]
    assert [one.name for one in stage(run, Viewer(ADA)).acts.main] == ["raise_hand"]
    assert [(one.person.name, one.nth) for one in leader.queue.picks or ()] == [
        ("Gus", 1),
        ("Ben", 2),
        ("Ada", None),
    ]
    assert says(leader.acts.main[-1].wide) == ": Gus"
    assert leader.queue.hands == ()
    assert member.queue.picks is None


def test_pairs_say_with_whom_one_is() -> None:
    run = started(item("pairs", 10))
    assert buttons(stage(run, LEADER))[0] == "draw_pairs"
    drawn = run_after(run, (10, DrawPairs(((ADA, BEN, GUS),))))
    assert says(stage(drawn, MEMBER).say.headline) == "You are with Ada and Gus"
    groups = stage(drawn, MEMBER).card
    assert groups is not None
    assert [one.mine for one in groups.groups] == [True]
    assert says(stage(drawn, Viewer(EVE)).say.headline) == "Talk"


def run_at_step_two(steps: tuple[Step, ...]) -> Run:
    run = started(item("case", 20, how=ItemSettings(steps=steps)), item("open"))
    return run_after(run, (10, NameOwners((BEN,))), (20, Next()), (30, NextStep()))


def test_a_case_asks_whose_it_is_then_goes_by_steps() -> None:
    steps = (
        Step({"": "Tell"}, 60),
        Step({"": "Ask"}, 60, StepSpeaker.EACH),
        Step({"": "Think"}, 60, StepSpeaker.OTHERS),
        Step({"": "Write"}, 60, StepSpeaker.NOBODY),
    )
    run = started(item("case", 20, how=ItemSettings(steps=steps)), item("open"))
    assert says(stage(run, LEADER).say.headline) == "Whose case?"
    assert says(stage(run, MEMBER).say.headline) == "Whose case?"
    card, members = stage(run, LEADER).card, stage(run, MEMBER).card
    assert card is not None
    assert card.owners is not None
    assert [one.name for one in card.owners] == ["Ada", "Ben", "Gus"]
    assert members is not None
    assert members.owners is None

    run = run_after(run, (10, NameOwners((BEN,))), (20, Next()))
    said: list[tuple[str, str]] = []
    for n in range(len(steps)):
        if n:
            run = run_after(run, (20 + 10 * n, NextStep()))
        mine, theirs = stage(run, MEMBER), stage(run, Viewer(GUS))
        said.append((" ".join(map(says, mine.say.who or ())), " ".join(map(says, theirs.say.who or ()))))
    assert said == [
        ("You have the floor.", "Ben has the floor."),
        ("The others, one by one. You answer.", "The others, one by one."),
        ("You listen, with your microphone off.", "The others talk; Ben listens."),
        ("Everybody is quiet and writes for themselves.",) * 2,
    ]
    asked = run_after(run_at_step_two(steps), (40, Next()))
    assert [says(stage(asked, Viewer(one)).say.who) for one in (BEN, GUS, ADA)] == [
        "Now Gus.You answer.",
        "Now you.",
        "Now Gus.",
    ]
    assert says(stage(run, LEADER).say.headline) == "Write"


def test_words_of_a_case_are_written_by_its_owner_and_who_runs_the_meeting() -> None:
    steps = (
        Step({"": "Ask"}, 60, keeps=CaseField.QUESTION),
        Step({"": "Promise"}, 60, keeps=CaseField.NEXT_STEP),
    )
    run = started(item("case", 20, how=ItemSettings(steps=steps)), people=(ADA, BEN, GUS))
    run = run_after(run, (10, NameOwners((BEN,))), (20, Next()))
    writes = {one: [line.writes for line in stage(run, Viewer(one)).written] for one in (BEN, GUS)}
    assert writes == {BEN: [True, False], GUS: [False, False]}
    assert [line.writes for line in stage(run, LEADER).written] == [True, False]


def test_the_room_asks_whether_somebody_is_there_and_who_is_to_lead() -> None:
    run = run_after(in_round(), (40, AskIdle()), (50, PersonLeft(ADA, after(50))))
    top = stage(run, MEMBER).top
    assert top.ends_itself_at is not None
    assert top.alone
    assert top.absent_since == after(50)
    assert not stage(in_round(), MEMBER).top.alone


def test_a_meeting_that_has_ended_offers_the_undo_to_who_facilitates() -> None:
    run = run_after(in_round(), (50, Close()))
    assert buttons(stage(run, LEADER)) == ["reopen"]
    assert buttons(stage(run, Viewer(BEN, may_run=True))) == []
    assert says(stage(run, MEMBER).say.headline) == "The meeting has ended"


def test_who_sees_the_same_has_an_equal_card_and_nobody_elses_buttons() -> None:
    run = in_round(Next(), Next())
    ada, gus, eve = (stage(run, Viewer(one)) for one in (ADA, GUS, EVE))
    assert (ada.top, ada.card, ada.acts, ada.queue) == (gus.top, gus.card, gus.acts, gus.queue)
    assert (eve.top, eve.acts, eve.queue) == (gus.top, gus.acts, gus.queue)
    assert ada.say != gus.say
    assert stage(run, LEADER).acts != gus.acts
    assert len({ada.acts, gus.acts, eve.acts, stage(run, LEADER).acts}) == 2


def test_nothing_but_the_ring_follows_the_clock_within_a_minute() -> None:
    run = in_round(Next())
    earlier, later = stage(run, LEADER, seconds=61), stage(run, LEADER, seconds=62)
    assert earlier.ring != later.ring
    assert (earlier.top, earlier.say, earlier.acts, earlier.queue) == (
        later.top,
        later.say,
        later.acts,
        later.queue,
    )


def test_what_was_jumped_over_is_offered_by_its_name() -> None:
    run = started(item("open", 5, "A"), item("open", 5, "B"), item("writing", 5, "C"))
    run = run_after(run, (5, EnterItem(3)))
    labels = [says(one.label) for one in stage(run, LEADER).acts.more if one.name == "next_item"]
    assert labels == ["Back to the skipped item: B"]
    assert stage(run, LEADER).acts.main[-1].name == "end"


def test_a_text_without_a_version_for_the_viewer_is_in_english() -> None:
    title = {"fi": "Tauko", "sv": "Paus", "en": "Break"}
    norwegian = replace(view_of(started(item("open", 5, "Talk")), MEMBER), locale="nb")
    assert norwegian.say(title) == "Break"
    assert norwegian.say({"": "Vår pause", **title}) == "Vår pause"


def test_the_address_of_the_code_changes_with_the_link_and_holds_nothing_of_it() -> None:
    links = [invite(7, f"/j/{token}", lets_in=True, keeps=False) for token in ("abcdefgh", "ijklmnop")]
    pages = [printing.printed_card("_invite.html", link, "en", "UTC") for link in links]
    asked = [page.split("code.svg?")[1].split('"')[0] for page in pages]
    assert asked == [link.version for link in links]
    assert len({*asked, "abcdefgh", "ijklmnop"}) == 4


@often
@whatever_is_pressed
def test_in_every_state_each_button_in_sight_has_a_key_of_its_own(agenda, people, presses):
    """And what comes next is found first by its key, as keys.js looks in the order of the page."""
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        persons = {
            one: Person(one, str(one), "", "a", one == 1, one in run.present, None) for one in range(1, 6)
        }
        for viewer in (Viewer(1, may_run=True, leads=True), Viewer(2), Viewer(4, may_run=True)):
            shown = acts(View(run, persons, viewer, now, offers(run, now), "en", meeting_id=7))
            main = [one for one in shown.main if one.name != "start_short"]  # instead of the other start
            in_sight = [key_of(one.name) for one in (*main, *shown.row) if one.name != "shuffle"]
            assert None not in in_sight
            assert len(set(in_sight)) == len(in_sight)
            behind = [key_of(one.name) for one in shown.more if one.has_key]
            if main and key_of(main[-1].name) != "n":
                assert behind.count("n") <= 1
            assert all(
                in_sight.count(key) + behind.count(key) == 1 or key == "n"
                for key in (*in_sight, *behind)
                if key
            )


@often
@whatever_is_pressed
def test_what_several_see_alike_is_what_each_would_see_alone(agenda, people, presses):
    """It is made for a viewer who is nobody, so nothing of one person's may be in it for another."""
    for _, _, _, run, now in course_of_events(agenda, people, presses):
        persons = {
            one: Person(one, str(one), "", "a", one == 1, one in run.present, None) for one in range(1, 6)
        }
        for viewer in (
            Viewer(1, may_run=True, leads=True, keeps=True),
            Viewer(2),
            Viewer(3, may_run=True, leads=True),
            Viewer(4, may_run=True),
        ):
            seen = View(run, persons, viewer, now, offers(run, now), "en", meeting_id=7, editing=True)
            alike, nobody = replace(seen, viewer=viewer.alike), replace(seen, viewer=Viewer(NOBODY))
            assert (queue(seen), agenda_card(seen)) == (queue(alike), agenda_card(alike))
            assert head(seen, group="", title="") == head(alike, group="", title="")
            assert (top(seen), ring(seen)) == (top(nobody), ring(nobody))
            assert clock_data(seen, time_zone="", readers="") == clock_data(nobody, time_zone="", readers="")
