"""How a meeting goes: items, turns, clocks, and what cannot be."""

from datetime import timedelta

import pytest

from ementor.meetings.domain import floor, lengths, times
from ementor.meetings.domain.agenda import MIN_CLOCK_S
from ementor.meetings.domain.run import (
    Back,
    ChangeItem,
    Close,
    Command,
    EnterItem,
    Event,
    Extend,
    GiveRole,
    GiveWord,
    Kind,
    Next,
    NextItem,
    Pass,
    Pause,
    PersonCame,
    PersonLeft,
    PlanAgenda,
    Postpone,
    RaiseHand,
    Refusal,
    Reopen,
    Resume,
    Reveal,
    Role,
    Run,
    Shuffle,
    SkipItem,
    Start,
    Touch,
    UnskipItem,
    decide,
    evolve,
    overtaken,
)
from tests.support.runs import (
    ADA,
    BEN,
    EVE,
    GUS,
    after,
    item,
    planned,
    run_after,
    started,
    why_not,
)

TALK = started(item("open", 10), item("open", 5), item("reflection", 8))
ROUND = started(item("round", 10), item("open", 5))  # three people: 190 s each
INPUT = started(item("input", 10), item("case", 5))


# Starting and moving on.


def test_before_the_start_nothing_runs():
    run = planned(item("open", 10), item("open", 5))
    assert not run.started
    assert run.item is None
    assert not run.paused
    assert run.elapsed_s(after(300)) == 0
    assert times.over_s(run, after(300)) == 0
    assert times.ends_at(run, after(300)) == after(300 + 15 * 60)


def test_starting_enters_the_first_item_that_is_not_skipped():
    run = run_after(planned(item(title="A"), item(title="B")), (0, SkipItem(1)), (5, Start()))
    assert run.item
    assert run.item.title == {"": "B"}
    assert run.started_at == after(5)
    assert run.planned_end_at == after(5 + 600)


def test_starting_twice_changes_nothing():
    assert decide(TALK, Start(), after(9)) == []


def test_an_empty_agenda_cannot_be_started():
    assert why_not(planned(), (0, Start())) is Refusal.NOTHING_PLANNED
    assert why_not(planned(item()), (0, SkipItem(1)), (1, Start())) is Refusal.NOTHING_PLANNED


def test_entering_an_item_starts_its_clock():
    run = run_after(TALK, (60, NextItem()))
    assert (run.elapsed_s(after(90)), run.allotted_s) == (30, 300)
    assert run.ticking_since == after(60)


def test_items_are_done_now_or_coming():
    run = run_after(TALK, (60, NextItem()))
    assert [run.state_of(each) for each in run.agenda] == ["done", "now", "coming"]
    assert run.next_item == run.agenda[2]


def test_there_is_nothing_after_the_last_item():
    assert why_not(TALK, (1, NextItem()), (2, NextItem()), (3, NextItem())) is Refusal.NO_NEXT


def test_moving_on_from_an_item_jumped_to_goes_downwards_first():
    run = run_after(started(item(), item(), item(), item()), (1, EnterItem(3)))
    assert run.next_item
    assert run.next_item.id == 4
    run = run_after(run, (2, NextItem()))
    assert run.next_item
    assert run.next_item.id == 2


def test_an_item_returned_to_goes_on_where_its_clock_was():
    run = run_after(TALK, (60, NextItem()), (100, EnterItem(1)))
    assert run.elapsed_s(after(110)) == 70
    assert times.actual_s(run, run.agenda[1], after(110)) == 40


def test_entering_the_current_item_changes_nothing():
    assert decide(TALK, EnterItem(1), after(9)) == []


def test_an_item_that_has_gone_cannot_be_entered():
    assert why_not(TALK, (1, EnterItem(99))) is Refusal.GONE


def test_skipping_the_current_item_moves_on():
    run = run_after(TALK, (30, SkipItem(1)))
    assert run.item == run.agenda[1]
    assert run.state_of(run.agenda[0]) == "skipped"
    assert times.actual_s(run, run.agenda[0], after(99)) == 30


def test_skipping_the_last_item_is_refused():
    assert why_not(started(item()), (1, SkipItem(1))) is Refusal.NO_NEXT


def test_a_skipped_item_is_left_out_and_can_be_taken_in_again():
    run = run_after(TALK, (1, SkipItem(2)))
    assert run.next_item == run.agenda[2]
    assert times.rest_s(run) == 8 * 60
    assert decide(run, SkipItem(2), after(2)) == []
    run = run_after(run, (2, UnskipItem(2)))
    assert run.next_item == run.agenda[1]


def test_entering_a_skipped_item_takes_it_in_again():
    run = run_after(TALK, (1, SkipItem(2)), (2, EnterItem(2)))
    assert run.item
    assert not run.item.skipped


def test_what_was_done_cannot_be_skipped():
    assert why_not(TALK, (1, NextItem()), (2, SkipItem(1))) is Refusal.DONE


# The clock and the end.


def test_time_spent_before_a_pause_is_kept():
    run = run_after(TALK, (40, Pause()), (100, Resume()))
    assert run.elapsed_s(after(105)) == 45


def test_a_pause_stops_the_clock_and_not_the_wall():
    run = run_after(TALK, (40, Pause()))
    assert run.paused
    assert run.ticking_since is None
    assert run.elapsed_s(after(100)) == 40
    assert times.item_elapsed_s(run, after(100)) == 100


def test_pausing_or_resuming_twice_changes_nothing():
    paused = run_after(TALK, (40, Pause()))
    assert decide(paused, Pause(), after(50)) == []
    assert decide(TALK, Resume(), after(50)) == []


def test_moving_on_from_a_pause_runs_the_next_clock():
    run = run_after(TALK, (40, Pause()), (50, NextItem()))
    assert not run.paused
    assert run.elapsed_s(after(60)) == 10


def test_the_end_is_now_and_what_is_left_of_this_item_and_the_rest():
    assert times.ends_at(TALK, after(120)) == after(23 * 60)
    assert times.over_s(TALK, after(120)) == 0


def test_overtime_moves_the_end():
    assert times.ends_at(TALK, after(12 * 60)) == after((12 + 13) * 60)
    assert times.over_s(TALK, after(12 * 60)) == 120


def test_a_pause_moves_the_end():
    run = run_after(TALK, (40, Pause()), (100, Resume()))
    assert times.over_s(run, after(300)) == 60


def test_an_item_left_early_moves_the_end_forward():
    run = run_after(TALK, (4 * 60, NextItem()))
    assert times.over_s(run, after(4 * 60)) == -6 * 60


def test_a_minute_more_moves_the_end():
    run = run_after(TALK, (10, Extend(60)))
    assert (run.allotted_s, run.item_allotted_s) == (660, 660)
    assert times.over_s(run, after(20)) == 60


def test_a_minute_more_in_overtime_is_counted_from_the_time_allotted():
    run = run_after(TALK, (630, Extend(60)))
    assert run.allotted_s - run.elapsed_s(after(630)) == 30


def test_a_minute_less_never_makes_overtime():
    run = run_after(TALK, (9 * 60 + 30, Extend(-60)))
    assert run.allotted_s == 9 * 60 + 30
    assert decide(run, Extend(-60), after(9 * 60 + 40)) == []


def test_a_clock_is_never_set_below_ten_seconds():
    run = run_after(started(item(minutes=1)), (1, Extend(-60)))
    assert run.allotted_s == MIN_CLOCK_S


def test_a_server_clock_set_back_does_not_unsay_what_was_said():
    run = run_after(TALK, (60, Pause()), (20, Resume()))
    assert run.at == after(60)
    assert run.elapsed_s(after(20)) == 60


# Rounds.


def test_a_round_waits_for_its_first_turn_with_the_items_clock():
    assert floor.round_ready(ROUND)
    assert ROUND.speaker is None
    assert ROUND.order == floor.upcoming(ROUND) == (ADA, BEN, GUS)
    assert (ROUND.elapsed_s(after(30)), ROUND.allotted_s) == (30, 600)


def test_a_turn_counts_from_zero_and_all_are_equally_long():
    run = run_after(ROUND, (30, Next()))
    assert (run.speaker, run.elapsed_s(after(40)), run.allotted_s) == (ADA, 10, 190)
    run = run_after(run, (300, Next()))
    assert (run.speaker, run.elapsed_s(after(300)), run.allotted_s) == (BEN, 0, 190)
    assert floor.upcoming(run) == (GUS,)


def test_a_turn_in_overtime_is_not_cut():
    run = run_after(ROUND, (0, Next()))
    assert run.speaker == ADA
    assert run.elapsed_s(after(900)) == 900


def test_after_the_last_turn_the_round_is_over_and_the_items_clock_shows():
    run = run_after(ROUND, (10, Next()), (20, Next()), (30, Next()), (40, Next()))
    assert floor.round_is_over(run)
    assert run.speaker is None
    assert (run.elapsed_s(after(60)), run.allotted_s) == (60, 600)
    assert why_not(run, (61, Next())) is Refusal.ROUND_OVER


def test_a_round_without_people_waits_for_somebody():
    run = started(item("round"), people=())
    assert why_not(run, (1, Next())) is Refusal.NOBODY_HERE
    assert run_after(run, (2, PersonCame(BEN)), (3, Next())).speaker == BEN


def test_who_comes_during_a_round_speaks_last():
    run = run_after(ROUND, (10, Next()), (20, PersonCame(EVE)))
    assert floor.upcoming(run) == (BEN, GUS, EVE)


def test_who_comes_after_a_round_has_no_turn():
    run = run_after(ROUND, *((at, Next()) for at in (1, 2, 3, 4)), (5, PersonCame(EVE)))
    assert EVE not in run.order
    assert floor.round_is_over(run)


def test_who_leaves_keeps_the_place_in_the_round():
    run = run_after(ROUND, (10, Next()), (20, PersonLeft(BEN, after(15))), (25, PersonCame(BEN)))
    assert run.order == (ADA, BEN, GUS)
    assert run.present == (ADA, GUS, BEN)


def test_passing_gives_the_word_on():
    run = run_after(ROUND, (10, Next()), (20, Pass()))
    assert (run.speaker, run.course.passed) == (BEN, {ADA})


def test_when_the_last_one_passes_the_round_is_over():
    run = run_after(ROUND, (1, Next()), (2, Next()), (3, Next()), (4, Pass()))
    assert floor.round_is_over(run)
    assert run.course.passed == {GUS}


def test_who_is_to_be_asked_later_speaks_last():
    run = run_after(ROUND, (10, Next()), (20, Postpone()))
    assert (run.speaker, run.order) == (BEN, (BEN, GUS, ADA))


def test_the_last_one_cannot_be_asked_later():
    assert why_not(ROUND, (1, Next()), (2, Next()), (3, Next()), (4, Postpone())) is Refusal.LAST_IN_ORDER


def test_nobody_passes_before_the_first_turn():
    assert why_not(ROUND, (1, Pass())) is Refusal.NO_SPEAKER
    assert why_not(ROUND, (1, Postpone())) is Refusal.NO_SPEAKER


def test_a_person_can_be_given_the_word_and_nobody_loses_a_turn():
    run = run_after(ROUND, (10, Next()), (20, GiveWord(GUS)))
    assert (run.speaker, floor.upcoming(run)) == (GUS, (BEN,))


def test_who_has_spoken_can_be_given_the_word_again():
    run = run_after(ROUND, *((at, Next()) for at in (1, 2, 3, 4)), (5, GiveWord(ADA)))
    assert (run.speaker, floor.upcoming(run)) == (ADA, ())
    assert not floor.round_is_over(run)


def test_a_round_that_goes_on_after_all_has_a_turn_for_who_came_meanwhile():
    over = run_after(ROUND, *((at, Next()) for at in (1, 2, 3, 4)), (5, PersonCame(EVE)))
    assert floor.upcoming(run_after(over, (6, GiveWord(ADA)))) == (EVE,)
    assert floor.upcoming(run_after(over, (6, GiveWord(EVE)))) == ()


def test_who_passed_and_speaks_after_all_has_not_passed():
    run = run_after(ROUND, (1, Next()), (2, Pass()), (3, GiveWord(ADA)))
    assert run.speaker == ADA
    assert run.course.passed == frozenset()


def test_the_word_is_not_given_to_somebody_who_was_never_here():
    assert why_not(ROUND, (1, GiveWord(EVE))) is Refusal.NOT_HERE
    assert why_not(INPUT, (1, GiveWord(EVE))) is Refusal.NOT_HERE


def test_the_order_can_be_shuffled_until_somebody_speaks():
    run = run_after(ROUND, (1, Shuffle((GUS, ADA, BEN))), (2, Next()))
    assert (run.speaker, floor.upcoming(run)) == (GUS, (ADA, BEN))
    assert why_not(run, (3, Shuffle((ADA, BEN, GUS)))) is Refusal.ROUND_RUNNING


@pytest.mark.parametrize("order", [(ADA, BEN), (ADA, BEN, EVE), (ADA, ADA, BEN), (ADA, BEN, GUS, GUS)])
def test_shuffling_neither_adds_nor_loses_anybody(order):
    assert why_not(ROUND, (1, Shuffle(order))) is Refusal.WRONG_ORDER


def test_a_minute_more_for_a_turn_is_that_turns_only():
    run = run_after(ROUND, (0, Next()), (10, Extend(60)))
    assert (run.allotted_s, run.item_allotted_s) == (250, 600)
    assert times.over_s(run, after(20)) == 0
    assert run_after(run, (30, Next())).allotted_s == 190


def test_the_next_turn_runs_after_a_pause():
    run = run_after(ROUND, (0, Next()), (10, Pause()), (60, Next()))
    assert not run.paused
    assert run.elapsed_s(after(65)) == 5


def test_a_round_entered_again_begins_again_with_who_is_here():
    run = run_after(ROUND, (1, Next()), (2, NextItem()), (3, PersonCame(EVE)), (4, EnterItem(1)))
    assert floor.round_ready(run)
    assert run.order == (ADA, BEN, GUS, EVE)


def test_a_break_has_no_turns():
    for command in (Next(), Pass(), Postpone(), Shuffle(()), GiveWord(ADA)):
        assert why_not(started(item("break")), (1, command)) is Refusal.NO_TURNS


# One who speaks.


def test_in_an_input_one_named_person_speaks_and_the_clock_runs_on():
    run = run_after(INPUT, (10, GiveWord(BEN)))
    assert run.names_a_speaker
    assert (run.speaker, run.elapsed_s(after(20)), run.allotted_s) == (BEN, 20, 600)
    assert decide(run, GiveWord(BEN), after(30)) == []
    assert why_not(run, (30, Next())) is Refusal.NO_TURNS


def test_naming_a_speaker_does_not_end_a_pause():
    run = run_after(INPUT, (10, Pause()), (20, GiveWord(BEN)))
    assert run.paused
    assert run.elapsed_s(after(30)) == 10


def test_the_next_item_has_no_speaker_yet():
    assert run_after(INPUT, (10, GiveWord(BEN)), (20, NextItem())).speaker is None


# Back.


def test_back_undoes_a_wrong_press_of_next():
    run = run_after(ROUND, (0, Next()), (50, Next()), (53, Back()))
    assert (run.speaker, floor.upcoming(run)) == (ADA, (BEN, GUS))
    assert run.elapsed_s(after(60)) == 57
    assert times.item_elapsed_s(run, after(60)) == 60


def test_back_from_the_next_item_returns_into_the_turn():
    run = run_after(ROUND, (0, Next()), (50, Next()), (70, NextItem()), (75, Back()))
    assert run.item == run.agenda[0]
    assert run.state_of(run.agenda[1]) == "coming"
    assert (run.speaker, run.elapsed_s(after(80))) == (BEN, 25)
    assert times.item_elapsed_s(run, after(80)) == 80


def test_back_into_a_pause_is_still_paused():
    run = run_after(TALK, (40, Pause()), (50, NextItem()), (55, Back()))
    assert run.paused
    assert run.elapsed_s(after(99)) == 40


def test_back_keeps_an_items_clock_and_its_extra_minute_when_only_the_speaker_changes():
    run = run_after(INPUT, (10, GiveWord(BEN)), (20, Extend(60)), (30, GiveWord(GUS)), (40, Back()))
    assert (run.speaker, run.elapsed_s(after(50)), run.allotted_s) == (BEN, 50, 660)


def test_back_goes_on_backwards_until_the_start():
    run = run_after(ROUND, (0, Next()), (50, Next()), (60, Back()), (70, Back()))
    assert floor.round_ready(run)
    assert why_not(run, (80, Back())) is Refusal.NOTHING_TO_UNDO


def test_back_undoes_a_pass_in_one_press():
    run = run_after(ROUND, (0, Next()), (10, Pass()), (12, Back()))
    assert (run.speaker, run.course.passed) == (ADA, frozenset())


def test_back_undoes_skipping_the_current_item():
    run = run_after(TALK, (30, SkipItem(1)), (32, Back()))
    assert run.item
    assert run.item.id == 1
    assert not run.item.skipped


def test_who_came_meanwhile_is_in_the_order_that_back_restores():
    run = run_after(ROUND, (0, Next()), (10, NextItem()), (20, PersonCame(EVE)), (30, Back()))
    assert run.order == (ADA, BEN, GUS, EVE)


# Changing the current item.


def test_new_minutes_of_the_current_item_are_its_clocks():
    run = run_after(TALK, (10, ChangeItem(1, minutes=15)))
    assert run.allotted_s == 900
    assert times.over_s(run, after(20)) == 300


def test_new_minutes_of_a_round_leave_the_turn_that_runs():
    run = run_after(ROUND, (0, Next()), (10, ChangeItem(1, minutes=20)))
    assert (run.allotted_s, run.item_allotted_s) == (190, 1200)
    assert run_after(run, (20, Next())).allotted_s == 390


def test_back_knows_the_new_minutes():
    run = run_after(TALK, (10, NextItem()), (20, EnterItem(1)), (30, ChangeItem(1, minutes=15)))
    run = run_after(run, (40, Back()), (50, Back()))
    assert (run.item, run.allotted_s) == (run.agenda[0], 900)


def test_talk_turned_into_a_round_has_an_order_and_its_clock_runs_on():
    run = run_after(TALK, (30, ChangeItem(1, mode=item("round").mode)))
    assert floor.round_ready(run)
    assert (run.order, run.elapsed_s(after(40))) == ((ADA, BEN, GUS), 40)


def test_a_round_turned_into_talk_has_no_speaker_also_after_back():
    run = run_after(ROUND, (10, Next()), (20, Next()), (30, ChangeItem(1, mode=item("open").mode)))
    assert (run.speaker, run.order, run.elapsed_s(after(40))) == (None, (), 40)
    assert why_not(run, (50, Back())) is Refusal.NOTHING_TO_UNDO


def test_back_does_not_return_to_turns_of_a_skipped_item_that_is_no_round_any_more():
    run = run_after(ROUND, (10, Next()), (20, SkipItem(1)), (30, ChangeItem(1, mode=item("open").mode)))
    assert why_not(run, (40, Back())) is Refusal.NOTHING_TO_UNDO


def test_a_press_meant_for_the_old_mode_comes_too_late():
    run = run_after(ROUND, (10, ChangeItem(1, mode=item("open").mode)))
    assert overtaken(run, NextItem(), ROUND.number)


# People.


def test_the_same_person_comes_and_leaves_once():
    run = planned(item())
    assert decide(run, PersonCame(ADA), after(1)) == []
    assert decide(run, PersonLeft(EVE, after(1)), after(2)) == []


def test_who_left_was_last_seen_then_and_not_in_the_future():
    run = run_after(planned(item()), (10, PersonLeft(BEN, after(5))), (20, PersonLeft(GUS, after(99))))
    assert run.present == (ADA,)
    assert run.left_at == {BEN: after(5), GUS: after(20)}
    assert run_after(run, (30, PersonCame(BEN))).left_at == {GUS: after(20)}


def test_a_touch_only_counts():
    run = run_after(TALK, (5, Touch("people")))
    assert run.number == TALK.number + 1
    assert run.flow_number == TALK.flow_number
    assert run.elapsed_s(after(10)) == 10


def test_what_is_beside_the_turn_is_another_after_all_but_turns_and_clocks():
    run = run_after(TALK, (5, Extend(60)), (6, Pause()), (7, Resume()), (8, RaiseHand(BEN)))
    assert run.beside_number == TALK.number
    for command in (Touch("reflections"), PersonCame(EVE), NextItem(), Reveal(), Close()):
        run = run_after(run, (60, command))
        assert run.beside_number == run.number, command


def test_the_closing_reflection_comes_before_all_that_follows_it():
    plan = (item("open", 10), item("open", 5), item("reflection", 8), item("open", 2))
    assert times.closing_s(run_after(planned(*plan))) is None
    run = started(*plan)
    assert times.closing_s(run) == 600  # its own and what follows
    run = run_after(run, (5, NextItem()), (6, NextItem()))
    assert times.closing_s(run) is None
    assert times.closing_s(run_after(run, (7, Close()))) is None


# The end.


def test_a_closed_meeting_stands_still():
    run = run_after(TALK, (40, NextItem()), (100, Close()))
    assert run.closed_at == after(100)
    assert times.ends_at(run, after(500)) == after(100)
    assert (run.elapsed_s(after(500)), times.actual_s(run, run.agenda[1], after(500))) == (60, 60)
    assert (run.ticking_since, run.spent_s) == (None, 60)
    assert [run.state_of(each) for each in run.agenda] == ["done", "done", "coming"]


def test_for_a_minute_the_end_can_be_undone():
    run = run_after(TALK, (100, Close()), (160, Reopen()))
    assert not run.closed
    assert run.elapsed_s(after(170)) == 170
    assert why_not(TALK, (100, Close()), (160.5, Reopen())) is Refusal.TOO_LATE


def test_opening_an_open_meeting_changes_nothing():
    assert decide(TALK, Reopen(), after(1)) == []


@pytest.mark.parametrize(
    "command", [Start(), NextItem(), Next(), Pause(), Back(), Reveal(), SkipItem(2), ChangeItem(1, minutes=3)]
)
def test_after_the_end_everything_is_refused(command: Command):
    assert why_not(TALK, (9, Close()), (10, command)) is Refusal.CLOSED


@pytest.mark.parametrize("command", [Close(), PersonCame(EVE), PersonLeft(ADA, after(9)), Touch("people")])
def test_after_the_end_people_come_and_go_without_a_trace(command: Command):
    assert decide(run_after(TALK, (9, Close())), command, after(10)) == []


@pytest.mark.parametrize(
    "command",
    [NextItem(), EnterItem(1), Next(), Pass(), GiveWord(ADA), Pause(), Extend(60), Back(), Reveal(), Close()],
)
def test_before_the_start_there_is_nothing_to_run(command: Command):
    assert why_not(planned(item()), (1, command)) is Refusal.NOT_STARTED


def test_revealing_happens_once():
    run = run_after(TALK, (5, Reveal()))
    assert run.revealed
    assert decide(run, Reveal(), after(6)) == []


# Two presses at once.


@pytest.mark.parametrize(
    ("run", "command"),
    [
        (ROUND, Next()),
        (ROUND, Shuffle((GUS, BEN, ADA))),
        (run_after(ROUND, (1, Next())), Pass()),
        (run_after(ROUND, (1, Next())), Postpone()),
        (TALK, NextItem()),
        (TALK, Extend(60)),
        (TALK, SkipItem(1)),
        (run_after(TALK, (1, NextItem())), Back()),
    ],
)
def test_a_second_press_from_the_same_screen_comes_too_late(run: Run, command: Command):
    assert not overtaken(run, command, run.number)
    pressed = run_after(run, (5, command))
    assert overtaken(pressed, command, run.number)
    assert not overtaken(pressed, command, pressed.number)
    assert not overtaken(pressed, command, None)


def test_news_that_moves_no_clock_does_not_stop_a_press():
    run = run_after(ROUND, (1, PersonCame(EVE)), (2, Touch("people")), (3, ChangeItem(2, minutes=9)))
    assert not overtaken(run, Next(), ROUND.number)


def test_the_next_item_is_meant_whoever_has_got_a_turn_meanwhile():
    turn = run_after(ROUND, (5, Next()))
    assert overtaken(turn, Next(), ROUND.number)
    assert not overtaken(turn, NextItem(), ROUND.number)
    assert overtaken(run_after(turn, (8, Back())), NextItem(), turn.number)


def test_who_resumes_and_goes_on_at_once_has_meant_both():
    paused = run_after(TALK, (5, Pause()))
    run = run_after(paused, (8, Resume()))
    assert not overtaken(run, NextItem(), paused.number)
    assert overtaken(run, Extend(60), paused.number)


def test_a_pause_is_meant_on_any_screen():
    run = run_after(TALK, (5, NextItem()), (6, Back()))
    assert not overtaken(run, Pause(), TALK.number)


def test_a_minute_more_before_a_round_is_shared_by_its_turns():
    ready = started(item("round", minutes=5))
    assert lengths.turn_s(ready) == 90
    assert lengths.turn_s(run_after(ready, (5, Extend(60)))) == 110


def test_the_end_is_meant_whatever_moves_while_one_is_asked():
    run = run_after(TALK, (5, NextItem()))
    assert not overtaken(run, Close(), TALK.number)


def test_an_edit_is_never_overtaken():
    run = run_after(TALK, (5, NextItem()))
    assert not overtaken(run, ChangeItem(3, minutes=9), TALK.number)


# The log.


def test_a_meeting_is_planned_once():
    assert why_not(TALK, (1, PlanAgenda((item(),)))) is Refusal.ALREADY_PLANNED


def test_an_event_about_what_has_gone_changes_nothing():
    for kind in (
        Kind.ITEM_MOVED,
        Kind.ITEM_REMOVED,
        Kind.ITEM_SKIPPED,
        Kind.ITEM_UNSKIPPED,
        Kind.ITEM_CHANGED,
    ):
        run = evolve(TALK, Event(kind, after(1), {"item": 99, "place": 0}))
        assert run.agenda == TALK.agenda
    assert evolve(TALK, Event(Kind.ITEM_RESTORED, after(1), {"item": 99, "place": 0})).agenda == TALK.agenda
    assert evolve(Run(), Event(Kind.WENT_BACK, after(1))).course == Run().course


def test_the_planned_end_stays_when_the_agenda_changes():
    run = run_after(TALK, (10, ChangeItem(2, minutes=20)))
    assert run.planned_end_at == TALK.planned_end_at
    assert times.ends_at(run, after(10)) - after(0) == timedelta(minutes=38)


def test_the_turn_goes_through_those_present_first_and_to_who_is_away_last():
    run = run_after(started(item("round", 12)), (0, Next()), (10, PersonLeft(BEN, after(9))))
    assert run.speaker == ADA
    assert floor.line(run) == (ADA, GUS, BEN)
    run = run_after(run, (20, Next()))
    assert (run.speaker, floor.upcoming(run)) == (GUS, (BEN,))
    assert run_after(run, (30, Next())).speaker == BEN


def test_who_comes_back_in_time_has_their_place_again():
    run = run_after(
        started(item("round", 12)), (0, Next()), (10, PersonLeft(BEN, after(9))), (20, PersonCame(BEN))
    )
    assert floor.upcoming(run) == (BEN, GUS)


# Roles, and going for good.


def test_several_have_the_same_role_and_a_new_one_replaces_the_old():
    run = run_after(TALK, (1, GiveRole(ADA, Role.NOTES)), (2, GiveRole(BEN, Role.NOTES)))
    assert run.roles == {ADA: Role.NOTES, BEN: Role.NOTES}
    run = run_after(run, (3, GiveRole(ADA, Role.OBSERVER)), (4, GiveRole(BEN, None)))
    assert run.roles == {ADA: Role.OBSERVER}
    assert decide(run, GiveRole(ADA, Role.OBSERVER), after(5)) == []


def test_a_role_outlasts_a_lost_line_and_moves_nothing():
    run = run_after(ROUND, (1, Next()), (2, GiveRole(BEN, Role.TECH)))
    assert run.moved_number < run.number
    assert run_after(run, (3, PersonLeft(BEN, after(3)))).roles == {BEN: Role.TECH}


def test_no_role_is_given_in_a_closed_meeting():
    assert why_not(TALK, (1, Close()), (2, GiveRole(ADA, Role.NOTES))) is Refusal.CLOSED


def test_who_goes_for_good_hands_the_word_on():
    run = run_after(ROUND, (1, Next()), (9, PersonLeft(ADA, after(9), for_good=True)))
    assert (run.speaker, run.order, run.elapsed_s(after(10))) == (BEN, (BEN, GUS), 1)
    assert run_after(run, (11, Back())).speaker is None


def test_when_the_last_in_the_round_goes_for_good_it_is_over():
    run = run_after(ROUND, *((1, Next()),) * 3, (9, PersonLeft(GUS, after(9), for_good=True)))
    assert floor.round_is_over(run)
    assert run.order == (ADA, BEN)


def test_who_has_spoken_and_goes_for_good_leaves_the_turn_where_it_is():
    run = run_after(ROUND, (1, Next()), (2, Next()), (9, PersonLeft(ADA, after(9), for_good=True)))
    assert (run.speaker, run.place, floor.upcoming(run)) == (BEN, 0, (GUS,))
    assert run.elapsed_s(after(10)) == 8


def test_a_named_speaker_who_goes_for_good_is_no_speaker():
    run = run_after(INPUT, (1, GiveWord(BEN)), (2, PersonLeft(BEN, after(2), for_good=True)))
    assert run.speaker is None
    assert decide(run, PersonLeft(EVE, after(3), for_good=True), after(3)) == []
