"""How the word goes round: case clinics, steps inside a turn, time that is up, fair time."""

import pytest

from ementor.meetings.domain import floor, lengths
from ementor.meetings.domain.agenda import CaseField, ItemSettings, Mode, Step, StepSpeaker
from ementor.meetings.domain.run import (
    Back,
    ChangeItem,
    EnterItem,
    Event,
    Extend,
    GiveWord,
    Kind,
    NameOwners,
    Next,
    NextItem,
    NextStep,
    NextTurn,
    Pass,
    Pause,
    PersonCame,
    PersonLeft,
    PlanAgenda,
    Refusal,
    Resume,
    Run,
    Shuffle,
    Start,
    TimeUp,
    UseTurnLength,
    decide,
    evolve,
    overtaken,
    replay,
)
from ementor.meetings.services.starting import case_steps
from tests.support.runs import ADA, BEN, EVE, GUS, after, item, planned, run_after, started, why_not

EIGHT = ItemSettings(steps=case_steps(45))
CASE = started(item("case", 45, how=EIGHT), item("open", 5))
ONE_CASE = run_after(CASE, (0, NameOwners((BEN,))))
BENS_CASE = run_after(ONE_CASE, (0, Next()))

TELL_ASK_SUM = ItemSettings(
    steps=(
        Step({"": "Tell"}, 60),
        Step({"": "Ask"}, 60, StepSpeaker.EACH),
        Step({"": "Talk"}, 120, StepSpeaker.OTHERS),
        Step({"": "Think"}, 60, StepSpeaker.NOBODY),
    )
)
FOUR_STEPS = started(item("round", 16, how=TELL_ASK_SUM), item("open", 5))  # 310 s each
ADAS_STEPS = run_after(FOUR_STEPS, (0, Next()))
ASKING = run_after(ADAS_STEPS, (60, Next()))

AUTO = ItemSettings(turn_s=60, auto=True)
AUTO_ROUND = started(
    item("round", 5, how=AUTO), item("open", 5, how=ItemSettings(auto=True)), people=(ADA, BEN)
)


def steps_of(*seconds: int, auto: bool = False, turn_s: int | None = None) -> ItemSettings:
    titles = ({"": f"Step {place}"} for place in range(1, 20))
    return ItemSettings(
        turn_s, auto, tuple(Step(title, each) for title, each in zip(titles, seconds, strict=False))
    )


# Case clinics: whose case it is.


def test_a_case_clinic_waits_until_somebody_is_named():
    assert (CASE.order, CASE.speaker, floor.upcoming(CASE)) == ((), None, ())
    assert why_not(CASE, (0, Next())) is Refusal.NOBODY_NAMED
    assert why_not(CASE, (0, NextTurn())) is Refusal.NOBODY_NAMED


def test_cases_are_taken_in_the_order_that_was_chosen():
    run = run_after(CASE, (0, NameOwners((GUS, ADA, BEN))), (0, NextTurn()))
    assert (run.speaker, floor.upcoming(run)) == (GUS, (ADA, BEN))
    run = run_after(run, (900, NextTurn()))
    assert run.speaker == ADA


def test_a_single_case_has_the_item_for_itself_and_three_share_it():
    assert BENS_CASE.course.turn_clock.allotted_s == 45 * 60
    run = run_after(CASE, (0, NameOwners((ADA, BEN, GUS))), (0, Next()))
    assert run.course.turn_clock.allotted_s == 45 * 60 // 3 - 10
    assert sum(run.course.steps_s) == 45 * 60 // 3 - 10


def test_a_name_given_twice_is_one_case():
    run = run_after(CASE, (0, NameOwners((BEN, ADA, BEN))))
    assert run.order == (BEN, ADA)


def test_naming_the_same_again_changes_nothing():
    assert decide(ONE_CASE, NameOwners((BEN,)), after(1)) == []


def test_who_was_never_here_has_no_case():
    assert why_not(CASE, (0, NameOwners((EVE,)))) is Refusal.NOT_HERE


def test_only_a_case_clinic_has_owners():
    assert why_not(FOUR_STEPS, (0, NameOwners((BEN,)))) is Refusal.NO_TURNS


def test_who_has_had_their_case_or_has_it_now_stays():
    run = run_after(CASE, (0, NameOwners((ADA, BEN, GUS))), (0, NextTurn()), (10, NextTurn()))
    run = run_after(run, (20, NameOwners(())))
    assert (run.order, run.speaker, floor.upcoming(run)) == ((ADA, BEN), BEN, ())
    run = run_after(run, (30, NameOwners((ADA, GUS))))
    assert (run.order, floor.upcoming(run)) == ((ADA, BEN, GUS), (GUS,))


def test_a_case_that_is_not_taken_after_all_is_off_the_list():
    run = run_after(CASE, (0, NameOwners((ADA, BEN))), (0, NameOwners((ADA,))))
    assert run.order == (ADA,)


def test_after_the_last_case_another_can_be_named():
    over = run_after(BENS_CASE, (60, NextTurn()))
    assert floor.round_is_over(over)
    assert over.course.turn_clock is None
    assert why_not(over, (61, Next())) is Refusal.ROUND_OVER
    run = run_after(over, (61, NameOwners((GUS,))))
    assert (floor.round_is_over(run), floor.upcoming(run)) == (False, (GUS,))
    run = run_after(run, (62, NextTurn()))
    assert (run.speaker, run.place, run.order) == (GUS, 1, (BEN, GUS))
    assert floor.round_is_over(run_after(run, (63, NextTurn())))


def test_one_named_after_the_last_case_can_be_taken_off_again():
    over = run_after(BENS_CASE, (60, NextTurn()))
    run = run_after(over, (61, NameOwners((GUS,))), (62, NameOwners(())))
    assert floor.round_is_over(run)
    assert run.order == (BEN,)


def test_who_comes_late_has_no_case_unless_named():
    run = run_after(BENS_CASE, (10, PersonCame(EVE)))
    assert run.order == (BEN,)
    assert floor.upcoming(run_after(run, (20, NameOwners((EVE,))))) == (EVE,)


def test_an_owner_who_is_away_comes_after_those_who_are_here():
    run = run_after(CASE, (0, NameOwners((BEN, GUS))), (5, PersonLeft(BEN, after(5))), (6, NextTurn()))
    assert run.speaker == GUS


def test_a_case_given_before_there_were_orders_still_replays():
    """The log of an older version named one person, with no order and no time of its own."""
    run = evolve(CASE, Event(Kind.TURN_GIVEN, after(10), {"person": BEN}))
    assert (run.speaker, run.order, run.place) == (BEN, (BEN,), 0)
    assert run.course.turn_clock.allotted_s == 45 * 60
    run = evolve(run, Event(Kind.TURN_GIVEN, after(20), {"person": ADA}))
    assert (run.speaker, floor.round_is_over(run)) == (ADA, False)
    assert floor.round_is_over(run_after(run, (30, Next())))


def test_an_old_log_without_settings_steps_or_starter_replays():
    plain = {"id": 1, "mode": "round", "title": {"": "Round"}, "minutes": 10}
    entered = {"item": 1, "allotted_s": 600, "order": [ADA, BEN]}
    run = replay(
        [
            Event(Kind.PLANNED, after(0), {"agenda": [plain]}),
            Event(Kind.PERSON_CAME, after(0), {"person": ADA}),
            Event(Kind.PERSON_CAME, after(0), {"person": BEN}),
            Event(Kind.STARTED, after(0), {"planned_s": 600}),
            Event(Kind.ITEM_ENTERED, after(0), entered),
            Event(Kind.TURN_GIVEN, after(1), {"person": ADA, "order": [ADA, BEN], "allotted_s": 290}),
            Event(Kind.ITEM_CHANGED, after(2), {"item": 1, "minutes": 11}),
        ]
    )
    assert (run.speaker, run.step, run.item.how, run.allotted_s) == (ADA, None, ItemSettings(), 290)
    assert floor.round_is_over(run_after(run, (300, Next()), (600, Next())))


# The eight steps.


@pytest.mark.parametrize(
    ("minutes", "lengths"),
    [
        (20, (2, 1, 4, 1, 7, 2, 1, 2)),
        (30, (4, 2, 6, 2, 9, 3, 2, 2)),
        (45, (6, 3, 10, 2, 14, 4, 2, 4)),
    ],
)
def test_a_case_clinic_has_the_eight_steps_of_its_length(minutes, lengths):
    run = started(item("case", minutes, how=ItemSettings(steps=case_steps(minutes))))
    run = run_after(run, (0, NameOwners((BEN,))), (0, Next()))
    assert run.course.steps_s == tuple(60 * each for each in lengths)


def test_a_case_with_a_length_of_its_own_keeps_it_whatever_the_item_has():
    run = started(item("case", 90, how=ItemSettings(turn_s=30 * 60, steps=case_steps(30))))
    run = run_after(run, (0, NameOwners((ADA, BEN, GUS))), (0, Next()))
    assert run.course.turn_clock.allotted_s == 30 * 60
    assert run.course.steps_s[0] == 4 * 60


def test_the_eight_steps_divide_another_length_by_their_shares():
    run = started(item("case", 10, how=EIGHT))
    run = run_after(run, (0, NameOwners((BEN,))), (0, Next()))
    assert run.course.steps_s == (80, 40, 135, 25, 185, 55, 25, 55)


def test_two_of_the_eight_steps_are_written_down():
    kept = [(place, step.keeps) for place, step in enumerate(EIGHT.steps) if step.keeps]
    assert kept == [(1, CaseField.QUESTION), (6, CaseField.NEXT_STEP)]


def test_the_room_knows_whose_voice_is_heard_in_each_step_of_a_case():
    run, heard = BENS_CASE, []
    for second in range(20):
        heard.append((run.course.step, floor.talking(run)))
        run = run_after(run, (second, Next()))
        if floor.round_is_over(run):
            break
    assert heard == [
        (0, BEN),
        (1, BEN),
        *((2, None), (2, GUS), (2, ADA)),  # one question each, from the one after the owner on
        (3, None),
        (4, None),  # the group thinks aloud
        (5, BEN),
        (6, BEN),
        *((7, None), (7, GUS), (7, ADA)),
    ]


# Steps of a turn.


def test_a_turn_begins_with_its_first_step_and_shows_that_clock():
    assert ADAS_STEPS.step.title == {"": "Tell"}
    assert ADAS_STEPS.course.steps_s == (60, 60, 130, 60)
    assert ADAS_STEPS.allotted_s == 60
    assert ADAS_STEPS.elapsed_s(after(20)) == 20


def test_each_step_has_a_clock_of_its_own_while_the_turn_runs_on():
    assert ASKING.elapsed_s(after(70)) == 10
    assert ASKING.course.turn_clock.elapsed_s(after(70)) == 70


def test_next_asks_each_of_the_others_before_the_next_step():
    run = run_after(ASKING, (61, Next()))
    assert (run.speaker, run.voice, floor.talking(run), floor.voices(run)) == (ADA, BEN, BEN, (GUS,))
    run = run_after(run, (62, Next()))
    assert (run.voice, floor.voices(run)) == (GUS, ())
    run = run_after(run, (63, Next()))
    assert (run.course.step, run.voice, floor.talking(run)) == (2, None, None)


def test_the_next_step_comes_whoever_has_not_been_asked():
    run = run_after(ASKING, (61, Next()), (62, NextStep()))
    assert run.course.step == 2


def test_who_is_away_is_not_asked_and_who_comes_late_is():
    run = run_after(ASKING, (61, PersonLeft(BEN, after(61))), (62, PersonCame(EVE)), (63, Next()))
    assert (run.voice, floor.voices(run)) == (GUS, (EVE,))
    back = run_after(run, (64, PersonCame(BEN)))
    assert floor.voices(back) == (EVE, BEN)


def test_who_goes_for_good_while_asked_hands_on_to_the_next_voice():
    run = run_after(ASKING, (61, Next()), (62, PersonLeft(BEN, after(62), for_good=True)))
    assert (run.speaker, run.voice, run.course.step) == (ADA, GUS, 1)


def test_somebody_else_can_be_asked_first_and_is_not_asked_twice():
    run = run_after(ASKING, (61, GiveWord(GUS)))
    assert (run.speaker, run.voice, floor.voices(run)) == (ADA, GUS, (BEN,))
    assert decide(run, GiveWord(GUS), after(62)) == []
    assert run_after(run, (62, Next()), (63, Next())).course.step == 2


def test_alone_with_the_others_away_a_step_of_questions_goes_on():
    run = run_after(ASKING, (61, PersonLeft(BEN, after(61))), (61, PersonLeft(GUS, after(61))), (62, Next()))
    assert run.course.step == 2


def test_next_after_the_last_step_is_the_next_turn_from_its_first_step():
    run = run_after(ASKING, (61, NextStep()), (62, NextStep()), (63, Next()))
    assert (run.speaker, run.course.step, run.elapsed_s(after(65))) == (BEN, 0, 2)


def test_the_next_turn_skips_the_steps_that_are_left():
    run = run_after(ADAS_STEPS, (5, NextTurn()))
    assert (run.speaker, run.course.step) == (BEN, 0)


def test_passing_skips_the_steps_that_are_left():
    run = run_after(ASKING, (61, Pass()))
    assert (run.speaker, run.course.step, run.course.passed) == (BEN, 0, {ADA})


def test_a_pause_stops_the_steps_and_the_turns_clock():
    run = run_after(ASKING, (70, Pause()), (100, Resume()))
    assert run.elapsed_s(after(105)) == 15
    assert run.course.turn_clock.elapsed_s(after(105)) == 75


def test_a_minute_more_in_a_step_makes_its_turn_longer_too():
    run = run_after(ASKING, (70, Extend(60)))
    assert (run.allotted_s, run.course.turn_clock.allotted_s) == (120, 370)
    run = run_after(run, (71, Next()), (72, NextStep()))
    assert run.allotted_s == 130


def test_back_returns_to_the_step_before_and_its_clock():
    run = run_after(ASKING, (65, Back()))
    assert (run.course.step, run.elapsed_s(after(70))) == (0, 65)
    assert run.course.turn_clock.elapsed_s(after(70)) == 65


def test_back_from_the_next_turn_returns_into_the_last_step():
    run = run_after(ASKING, (61, NextStep()), (62, NextStep()), (80, NextTurn()), (90, Back()))
    assert (run.speaker, run.course.step, run.elapsed_s(after(90))) == (ADA, 3, 18)


def test_back_takes_the_word_from_who_was_asked_too_early():
    run = run_after(ASKING, (61, Next()), (62, Next()), (63, Back()))
    assert (run.voice, floor.voices(run)) == (BEN, (GUS,))


def test_steps_changed_meanwhile_count_for_the_next_turn():
    run = run_after(ASKING, (61, ChangeItem(1, how=steps_of(60, 60))))
    assert run.course.steps_s == (60, 60, 130, 60)
    run = run_after(run, (62, NextTurn()))
    assert (run.course.steps_s, run.step.title) == ((155, 155), {"": "Step 1"})


def test_taking_the_steps_away_in_a_turn_stops_nothing():
    run = run_after(ASKING, (61, ChangeItem(1, how=ItemSettings())))
    assert (run.step, floor.talking(run)) == (None, ADA)
    for second in (62, 63, 64):
        run = run_after(run, (second, Next()))
    assert (run.speaker, run.course.step) == (BEN, None)


def test_a_round_with_four_steps_costs_as_many_minutes_as_people_times_the_steps():
    """Steps of "1, 1, 8, 1" minutes for five people are 5 × 11 = 55 minutes."""
    how = steps_of(60, 60, 480, 60, turn_s=660)
    run = started(item("round", 55, how=how), people=(1, 2, 3, 4, 5))
    assert lengths.turn_s(run) * len(run.order) == 55 * 60
    assert lengths.lengths_ahead(run) == (60, 60, 480, 60)
    taken_s = 0
    for turn in range(5):
        for step in range(4):
            run = run_after(run, (taken_s, Next()))
            assert (run.place, run.course.step) == (turn, step)
            taken_s += run.allotted_s
    assert taken_s == 55 * 60


@pytest.mark.parametrize(
    "how",
    [steps_of(*[60] * 13), steps_of(5), ItemSettings(turn_s=9), ItemSettings(size=5), ItemSettings(size=1)],
)
def test_settings_beyond_the_limits_are_refused(how):
    assert why_not(CASE, (0, ChangeItem(1, how=how))) is Refusal.STEPS


def test_a_step_without_a_title_is_refused():
    assert why_not(CASE, (0, ChangeItem(1, how=ItemSettings(steps=(Step({"": " "}, 60),))))) is Refusal.EMPTY


# Turns of fixed length, and time that is up.


def test_turns_of_fixed_length_do_not_shrink_with_people_or_minutes():
    run = started(item("round", 20, how=ItemSettings(turn_s=120)), people=tuple(range(1, 13)))
    assert lengths.turn_s(run) == 120
    run = run_after(run, (0, Next()), (5, PersonCame(99)), (10, Extend(60)), (200, Next()))
    assert run.allotted_s == 120
    assert lengths.fair_turn_s(run, after(1000)) is None


def test_time_that_is_not_up_moves_nothing():
    run = run_after(AUTO_ROUND, (0, Next()))
    assert decide(run, TimeUp(), after(59)) == []
    assert run_after(run, (59.6, TimeUp())).speaker == BEN


def test_a_paused_clock_is_never_up():
    run = run_after(AUTO_ROUND, (0, Next()), (59, Pause()))
    assert decide(run, TimeUp(), after(500)) == []
    assert decide(run_after(run, (500, Resume())), TimeUp(), after(500)) == []


def test_time_is_up_once_though_two_pages_say_so():
    run = run_after(AUTO_ROUND, (0, Next()))
    seen = run.number
    later = run_after(run, (60, TimeUp()))
    assert later.speaker == BEN
    assert overtaken(later, TimeUp(), seen)
    assert decide(later, TimeUp(), after(60.1)) == []  # also from a page that names no number


def test_a_minute_more_keeps_the_time_from_being_up():
    run = run_after(AUTO_ROUND, (0, Next()), (50, Extend(60)))
    assert decide(run, TimeUp(), after(60)) == []
    assert run_after(run, (120, TimeUp())).speaker == BEN


def test_where_it_is_off_nothing_goes_on_by_itself():
    run = run_after(started(item("round", 5), item("open", 5)), (0, Next()))
    assert decide(run, TimeUp(), after(5000)) == []


def test_everything_goes_on_by_itself_to_the_end_of_the_last_item():
    run = run_after(AUTO_ROUND, (0, Next()), (60, TimeUp()), (120, TimeUp()))
    assert floor.round_is_over(run)
    assert run.course.item_id == 1
    assert decide(run, TimeUp(), after(299)) == []
    run = run_after(run, (300, TimeUp()))
    assert run.course.item_id == 2
    assert decide(run, TimeUp(), after(600)) == []
    assert not run.closed


def test_steps_go_on_by_themselves_without_asking_who_is_left():
    how = ItemSettings(auto=True, steps=TELL_ASK_SUM.steps)
    run = run_after(started(item("round", 16, how=how)), (0, Next()), (60, TimeUp()), (61, Next()))
    assert (run.voice, floor.voices(run)) == (BEN, (GUS,))
    run = run_after(run, (120, TimeUp()))
    assert run.course.step == 2
    run = run_after(run, (250, TimeUp()), (310, TimeUp()))
    assert (run.speaker, run.course.step) == (BEN, 0)


def test_a_round_nobody_began_goes_on_with_its_item():
    run = run_after(AUTO_ROUND, (300, TimeUp()))
    assert run.course.item_id == 2


def test_before_the_start_no_time_is_up():
    assert (
        why_not(planned(item("open", 5, how=ItemSettings(auto=True))), (0, TimeUp())) is Refusal.NOT_STARTED
    )


# Fair time.


def test_a_round_in_time_offers_nothing():
    run = run_after(started(item("round", 10)), (0, Next()), (200, Next()))
    assert lengths.fair_turn_s(run, after(205)) is None


def test_when_one_has_gone_away_the_others_may_have_their_time():
    run = run_after(started(item("round", 10)), (0, Next()), (5, PersonLeft(GUS, after(5))))
    assert lengths.turns_left(run, after(10)) == 2
    fair_s = lengths.fair_turn_s(run, after(10))
    assert fair_s == 295
    run = run_after(run, (10, UseTurnLength()))
    assert (run.allotted_s, lengths.turn_s(run), lengths.fair_turn_s(run, after(11))) == (295, 295, None)
    back = run_after(run, (12, PersonCame(GUS)))
    assert lengths.fair_turn_s(back, after(12)) == 190


def test_one_who_comes_late_shares_what_is_left():
    run = run_after(started(item("round", 10), people=(ADA, BEN)), (0, Next()), (5, PersonCame(GUS)))
    assert run.order == (ADA, BEN, GUS)
    run = run_after(run, (290, Next()))
    assert lengths.turns_left(run, after(290)) == 2
    # The turn now has its share by the new number; together they end with the item.
    fair_s = lengths.fair_turn_s(run, after(300)) or lengths.turn_s(run)
    assert 290 + fair_s + 10 + fair_s <= 600


def test_when_one_has_overrun_the_others_share_what_is_left():
    run = run_after(started(item("round", 10)), (0, Next()), (400, Next()))
    assert run.allotted_s == 190
    fair_s = lengths.fair_turn_s(run, after(400))
    assert fair_s == 95
    run = run_after(run, (400, UseTurnLength()))
    assert (run.allotted_s, lengths.turn_s(run)) == (95, 95)
    run = run_after(run, (495, Next()))
    assert run.allotted_s == 95


def test_after_a_minute_more_the_turns_to_come_are_shorter():
    run = run_after(started(item("round", 10)), (0, Next()), (10, Extend(60)), (250, Next()))
    assert lengths.fair_turn_s(run, after(250)) == 170


def test_fair_turns_can_be_under_forty_seconds_but_not_under_ten():
    people = tuple(range(1, 11))
    run = run_after(started(item("round", 10), people=people), (0, Next()), (300, Next()))
    assert lengths.fair_turn_s(run, after(300)) == 20
    late = run_after(started(item("round", 10), people=people), (0, Next()), (590, Next()))
    assert lengths.fair_turn_s(late, after(590)) == 10


def test_with_steps_the_turns_to_come_are_shared_and_this_one_stays():
    run = run_after(FOUR_STEPS, (0, Next()), (500, NextTurn()))
    fair_s = lengths.fair_turn_s(run, after(500))
    assert fair_s == 140  # 960 less 500 less this turn's 310 less a hand-over
    run = run_after(run, (500, UseTurnLength()))
    assert run.course.turn_clock.allotted_s == 310
    run = run_after(run, (810, NextTurn()))
    assert sum(run.course.steps_s) == run.course.turn_clock.allotted_s == 140


def test_taking_the_offer_twice_changes_it_once():
    run = run_after(started(item("round", 10)), (0, Next()), (400, Next()))
    seen = run.number
    run = run_after(run, (400, UseTurnLength()))
    assert overtaken(run, UseTurnLength(), seen)
    assert decide(run, UseTurnLength(), after(401)) == []


def test_a_length_taken_in_one_item_is_not_the_next_ones():
    run = started(item("round", 10), item("round", 10))
    run = run_after(run, (0, Next()), (400, Next()), (400, UseTurnLength()), (500, NextItem()))
    assert lengths.turn_s(run) == 190


# Who begins.


def begun(people: tuple[int, ...], last: int | None) -> Run:
    run = run_after(Run(), (0, PlanAgenda((item("round", 10),), started_last=last)))
    run = run_after(run, *((0, PersonCame(person)) for person in people), (0, Start()))
    return run_after(run, (1, Next()))


def test_from_meeting_to_meeting_each_begins_in_turn():
    last, began = None, []
    for _ in range(4):
        last = begun((ADA, BEN, GUS), last).starter
        began.append(last)
    assert began == [ADA, BEN, GUS, ADA]


def test_when_the_next_one_is_away_the_one_after_begins():
    assert begun((ADA, GUS), ADA).order == (GUS, ADA)


def test_when_nobody_joined_after_the_last_starter_the_first_begins():
    assert begun((BEN, GUS), GUS).starter == BEN


def test_the_first_of_the_first_round_is_remembered_and_no_later_one():
    run = started(item("round", 10), item("round", 10))
    run = run_after(
        run, (0, Shuffle((BEN, ADA, GUS))), (1, Next()), (2, Next()), (3, NextItem()), (4, Next())
    )
    assert run.starter == BEN


def test_a_case_owner_is_not_who_began_the_round():
    run = started(item("case", 20, how=EIGHT), item("round", 10))
    run = run_after(run, (0, NameOwners((GUS,))), (0, Next()), (1, NextItem()), (2, Next()))
    assert run.starter == ADA


# Turns and the agenda.


def test_a_case_clinic_turned_into_a_round_has_everybody_and_no_steps_under_way():
    run = run_after(BENS_CASE, (10, ChangeItem(1, mode=Mode.ROUND, how=ItemSettings())))
    assert (run.order, run.speaker, run.step, run.course.step_clock) == ((ADA, BEN, GUS), None, None, None)


def test_a_case_clinic_entered_again_names_its_owners_anew():
    run = run_after(BENS_CASE, (10, NextItem()), (20, EnterItem(1)))
    assert (run.order, run.speaker) == ((), None)
