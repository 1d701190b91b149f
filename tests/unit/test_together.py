"""How people talk in pairs and trios, get in line, and what is written down in a case."""

from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ementor.meetings.domain import floor, lengths
from ementor.meetings.domain.agenda import MAX_PROMPT, CaseField, ItemSettings, Mode, Step, StepSpeaker
from ementor.meetings.domain.run import (
    Back,
    ChangeItem,
    DrawPairs,
    EnterItem,
    Extend,
    GiveWord,
    Keep,
    LowerHand,
    NameOwners,
    Next,
    NextItem,
    NextStep,
    NextTurn,
    Pass,
    PersonCame,
    PersonLeft,
    RaiseHand,
    Refusal,
    Run,
    SwapPair,
    TimeUp,
    decide,
    overtaken,
)
from ementor.meetings.domain.subjects.pairs import draw
from ementor.meetings.services.starting import case_steps
from ementor.texts import version_of
from tests.support.runs import ADA, BEN, EVE, GUS, after, item, planned, run_after, started, why_not

FOUR, FIVE = (1, 2, 3, 4), (1, 2, 3, 4, 5)
PAIRS = started(item("pairs", 10), item("open", 5), people=FOUR)
DRAWN = run_after(PAIRS, (0, DrawPairs(((1, 2), (3, 4)))))
SEATS = started(item("pairs", 10, how=ItemSettings(each=True)), item("open", 5), people=FIVE)
UNEVEN = run_after(SEATS, (0, DrawPairs(((1, 2), (3, 4, 5)))))

OPEN = started(item("open", 10), item("open", 5), people=FOUR)
LEAST = started(item("open", 10, how=ItemSettings(least_heard=True)), item("open", 5), people=FOUR)

CASE = started(item("case", 20, how=ItemSettings(steps=case_steps(20))), item("open", 5))
CASE = run_after(CASE, (0, NameOwners((BEN,))))
QUESTION = Keep(BEN, CaseField.QUESTION, "How do I say no?")


# Drawing.


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("count", range(1, 13))
def test_everybody_is_drawn_into_groups_of_about_the_size(count, size):
    groups = draw(range(count), size, {}, Random(count))
    sizes = [len(group) for group in groups]
    assert sorted(person for group in groups for person in group) == list(range(count))
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= min(2, count)
    assert max(sizes) <= size + 1
    if count % size == 0:
        assert set(sizes) == {size}


def test_of_an_odd_number_one_pair_is_a_trio():
    assert sorted(map(len, draw(range(7), 2, {}, Random(1)))) == [2, 2, 3]


def test_trios_that_do_not_come_out_even_are_pairs_rather_than_lonely():
    assert sorted(map(len, draw(range(5), 3, {}, Random(1)))) == [2, 3]


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 12), st.integers(2, 4), st.integers(0, 9999))
def test_over_six_meetings_few_meet_again_while_there_are_others(count, size, seed):
    """Far fewer than by chance alone; with few people everybody has met everybody soon."""
    random, met, blind = Random(seed), Counter(), Counter()
    for _ in range(6):
        people = list(range(count))
        met.update(twos(draw(people, size, met, random)))
        random.shuffle(people)
        blind.update(twos(draw(people, size, {}, random)))
    groups_of_all = count * (count - 1) // 2
    again = sum(times - 1 for times in met.values())
    least = max(0, sum(met.values()) - groups_of_all)
    by_chance = sum(times - 1 for times in blind.values())
    assert again <= max(by_chance, least + 2)
    assert max(met.values()) <= max(blind.values()) + 1


def twos(groups):
    return [frozenset(two) for group in groups for two in combinations(group, 2)]


def test_two_who_have_met_are_apart_when_there_is_another_way():
    met = {frozenset({1, 2}): 1, frozenset({3, 4}): 1}
    for seed in range(30):
        assert not set(twos(draw([1, 2, 3, 4], 2, met, Random(seed)))) & set(met)


def test_only_all_who_are_present_can_be_drawn():
    assert why_not(PAIRS, (0, DrawPairs(((1, 2), (3,))))) is Refusal.WRONG_ORDER
    assert why_not(PAIRS, (0, DrawPairs(((1, 2), (3, 4, 9))))) is Refusal.WRONG_ORDER
    assert why_not(PAIRS, (0, DrawPairs(((1, 2), (3, 4, 4))))) is Refusal.WRONG_ORDER
    assert why_not(PAIRS, (0, DrawPairs(((1, 2, 3, 4), ())))) is Refusal.WRONG_ORDER
    assert why_not(PAIRS, (0, DrawPairs(()))) is Refusal.WRONG_ORDER


def test_groups_are_for_pairs_alone_and_for_a_meeting_under_way():
    groups = DrawPairs(((1, 2), (3, 4)))
    assert why_not(OPEN, (0, groups)) is Refusal.NO_PAIRS
    assert why_not(OPEN, (0, SwapPair(1, 3))) is Refusal.NO_PAIRS
    assert why_not(planned(item("pairs"), people=FOUR), (0, groups)) is Refusal.NOT_STARTED


def test_groups_can_be_drawn_anew_until_somebodys_time_has_begun():
    again = run_after(UNEVEN, (1, DrawPairs(((1, 3), (2, 4, 5)))))
    assert floor.group_of(again, 3) == (1, 3)
    begun = run_after(again, (2, Next()))
    assert why_not(begun, (3, DrawPairs(((1, 2), (3, 4, 5))))) is Refusal.PAIRS_RUNNING


def test_two_who_draw_at_once_get_the_first_ones_groups():
    seen = PAIRS.number
    assert overtaken(DRAWN, DrawPairs(((1, 3), (2, 4))), seen)
    assert decide(DRAWN, DrawPairs(((1, 2), (3, 4))), after(1)) == []


# Swapping, coming late, leaving.


def test_two_swap_their_places_also_while_they_talk():
    run = run_after(UNEVEN, (0, Next()), (30, SwapPair(2, 5)))
    assert run.groups == ((1, 5), (3, 4, 2))
    assert (run.course.seat, run.elapsed_s(after(40))) == (0, 40)


@pytest.mark.parametrize("two", [(1, 1), (1, 9), (9, 1)])
def test_nobody_swaps_with_themselves_or_with_who_is_in_no_group(two):
    assert why_not(DRAWN, (0, SwapPair(*two))) is Refusal.NOT_HERE


def test_who_comes_late_joins_the_smallest_group():
    run = run_after(UNEVEN, (10, PersonCame(6)))
    assert run.groups == ((1, 2, 6), (3, 4, 5))
    assert run_after(run, (11, PersonCame(7))).groups == ((1, 2, 6, 7), (3, 4, 5))


def test_who_comes_before_the_draw_is_in_no_group_yet():
    assert run_after(PAIRS, (1, PersonCame(5))).groups == ()


def test_whose_line_drops_stays_in_the_group():
    run = run_after(DRAWN, (10, PersonLeft(2, after(10))))
    assert run.groups == ((1, 2), (3, 4))
    assert run_after(run, (20, PersonCame(2))).groups == ((1, 2), (3, 4))


def test_whose_partner_goes_for_good_joins_another_group():
    run = run_after(DRAWN, (10, PersonLeft(2, after(10), for_good=True)))
    assert run.groups == ((3, 4, 1),)
    last = run_after(run, *((20, PersonLeft(each, after(20), for_good=True)) for each in (3, 4)))
    assert last.groups == ((1,),)


def test_back_does_not_undo_who_talks_with_whom():
    run = run_after(UNEVEN, (0, Next()), (10, SwapPair(1, 3)), (20, Back()))
    assert run.course.seat is None
    assert run.groups == ((3, 2), (1, 4, 5))


def test_who_came_meanwhile_has_a_group_after_back():
    run = run_after(DRAWN, (10, NextItem()), (20, PersonCame(5)), (30, Back()))
    assert 5 in {person for group in run.groups for person in group}


def test_an_item_entered_again_has_its_groups():
    run = run_after(DRAWN, (10, NextItem()), (20, EnterItem(1)))
    assert run.groups == ((1, 2), (3, 4))


def test_an_item_entered_again_has_everybodys_group():
    run = run_after(DRAWN, (10, NextItem()), (15, PersonCame(5)), (20, EnterItem(1)))
    assert 5 in {person for group in run.groups for person in group}


def test_an_item_turned_into_open_talk_has_no_groups():
    assert run_after(DRAWN, (5, ChangeItem(1, mode=Mode.OPEN))).groups == ()


# Each one's time in pairs.


def test_pairs_without_a_time_each_share_one_countdown():
    assert (floor.seats(DRAWN), DRAWN.elapsed_s(after(60)), DRAWN.allotted_s) == (0, 60, 600)
    assert why_not(DRAWN, (0, Next())) is Refusal.NO_TURNS


def test_nobodys_time_begins_before_the_draw():
    assert why_not(SEATS, (0, Next())) is Refusal.NO_PAIRS


def test_the_time_is_divided_by_the_largest_group():
    """In a pair beside a trio the third time is both of theirs."""
    run, seats = UNEVEN, []
    assert (floor.seats(run), lengths.turn_s(run)) == (3, 200)
    for second in range(10):
        run = run_after(run, (second, Next()))
        seats.append((run.course.seat, run.allotted_s))
        if floor.seats_are_over(run):
            break
    assert seats == [(0, 200), (1, 200), (2, 200), (3, 600)]
    assert why_not(run, (20, Next())) is Refusal.ROUND_OVER


def test_steps_in_pairs_go_by_before_the_next_ones_time():
    how = ItemSettings(size=3, steps=(Step({"": "Tell"}, 60), Step({"": "Talk"}, 60, StepSpeaker.OTHERS)))
    run = run_after(started(item("pairs", 6, how=how)), (0, DrawPairs(((ADA, BEN, GUS),))))
    places = []
    for second in range(6):
        run = run_after(run, (second, Next()))
        places.append((run.course.seat, run.course.step, run.allotted_s))
    assert places == [(0, 0, 60), (0, 1, 60), (1, 0, 60), (1, 1, 60), (2, 0, 60), (2, 1, 60)]
    assert floor.seats_are_over(run_after(run, (6, NextStep())))


def test_the_next_ones_time_skips_the_steps_that_are_left():
    how = ItemSettings(size=3, steps=(Step({"": "Tell"}, 60), Step({"": "Talk"}, 60, StepSpeaker.OTHERS)))
    run = run_after(started(item("pairs", 6, how=how)), (0, DrawPairs(((ADA, BEN, GUS),))), (0, Next()))
    run = run_after(run, (1, NextTurn()))
    assert (run.course.seat, run.course.step) == (1, 0)


def test_time_in_pairs_goes_on_by_itself():
    run = started(item("pairs", 1, how=ItemSettings(each=True, auto=True)), item("open", 5), people=FOUR)
    run = run_after(run, (0, DrawPairs(((1, 2), (3, 4)))), (0, Next()))
    assert decide(run, TimeUp(), after(29)) == []
    run = run_after(run, (30, TimeUp()))
    assert run.course.seat == 1
    run = run_after(run, (60, TimeUp()))
    assert floor.seats_are_over(run)
    assert run_after(run, (61, TimeUp())).course.item_id == 2


def test_a_minute_more_in_pairs_is_that_ones_only():
    run = run_after(UNEVEN, (0, Next()), (10, Extend(60)))
    assert run.allotted_s == 260
    assert run_after(run, (20, Next())).allotted_s == 200


def test_there_is_no_passing_in_pairs():
    assert why_not(run_after(UNEVEN, (0, Next())), (1, Pass())) is Refusal.NO_TURNS


# Hands.


def raised(run: Run, *people: int) -> Run:
    return run_after(run, *((second, RaiseHand(person)) for second, person in enumerate(people)))


def test_hands_are_in_the_order_they_were_raised():
    run = raised(OPEN, GUS, ADA, EVE)
    assert floor.queue(run) == (GUS, ADA, EVE)
    assert decide(run, RaiseHand(ADA), after(5)) == []


def test_next_gives_the_word_to_the_first_and_at_last_to_nobody():
    run = run_after(raised(OPEN, GUS, ADA), (10, Next()))
    assert (run.speaker, floor.queue(run)) == (GUS, (ADA,))
    run = run_after(run, (20, Next()))
    assert (run.speaker, floor.queue(run)) == (ADA, ())
    run = run_after(run, (30, Next()))
    assert run.speaker is None
    assert decide(run, Next(), after(40)) == []


def test_who_has_the_word_has_no_hand_up():
    run = run_after(raised(OPEN, GUS, ADA), (10, GiveWord(ADA)))
    assert (run.speaker, floor.queue(run)) == (ADA, (GUS,))
    assert decide(run, RaiseHand(ADA), after(11)) == []


def test_who_has_the_word_again_after_back_has_no_hand_up():
    run = run_after(raised(OPEN, GUS), (10, Next()), (20, Next()), (25, RaiseHand(GUS)), (30, Back()))
    assert (run.speaker, floor.queue(run)) == (GUS, ())


def test_a_hand_can_be_lowered_once():
    run = run_after(raised(OPEN, GUS, ADA), (10, LowerHand(GUS)))
    assert floor.queue(run) == (ADA,)
    assert decide(run, LowerHand(GUS), after(11)) == []


def test_the_clock_of_open_talk_runs_on_whoever_speaks():
    run = run_after(raised(OPEN, GUS), (10, Next()), (50, Next()))
    assert run.elapsed_s(after(60)) == 60


def test_a_hand_goes_down_when_its_person_leaves():
    run = run_after(raised(OPEN, GUS, ADA), (10, PersonLeft(GUS, after(10))))
    assert floor.queue(run) == (ADA,)
    assert floor.queue(run_after(run, (20, PersonCame(GUS)))) == (ADA,)


def test_hands_are_down_in_the_next_item_and_after_back():
    run = run_after(raised(OPEN, GUS, ADA), (10, NextItem()))
    assert floor.queue(run) == ()
    assert floor.queue(run_after(raised(run, ADA), (20, Back()))) == ()


def test_hands_are_down_when_the_item_is_held_otherwise():
    assert floor.queue(run_after(raised(OPEN, GUS), (10, ChangeItem(1, mode=Mode.ROUND)))) == ()


def test_hands_are_raised_in_open_talk_by_those_who_are_here():
    assert why_not(PAIRS, (0, RaiseHand(ADA))) is Refusal.NO_QUEUE
    assert why_not(OPEN, (0, RaiseHand(9))) is Refusal.NOT_HERE
    assert why_not(planned(item("open")), (0, RaiseHand(ADA))) is Refusal.NOT_STARTED


def test_who_has_been_heard_least_is_next_where_the_item_says_so():
    run = run_after(LEAST, (0, GiveWord(GUS)), (60, GiveWord(ADA)), (70, GiveWord(EVE)))
    run = run_after(run, (75, RaiseHand(GUS)), (76, RaiseHand(ADA)), (77, RaiseHand(BEN)))
    assert floor.queue(run) == (BEN, ADA, GUS)
    run = run_after(run, (80, Next()))
    assert (run.speaker, floor.queue(run)) == (BEN, (ADA, GUS))


def test_turns_and_steps_of_items_before_count_as_heard():
    tell = ItemSettings(steps=(Step({"": "Tell"}, 60), Step({"": "Talk"}, 60, StepSpeaker.OTHERS)))
    run = started(
        item("round", 10, how=tell), item("open", 10, how=ItemSettings(least_heard=True)), people=(ADA, BEN)
    )
    run = run_after(run, (0, Next()), (20, NextStep()), (100, NextTurn()), (140, NextItem()))
    assert run.heard_s == {ADA: 20, BEN: 40}  # nobody's while the others talk
    assert floor.queue(raised(run, BEN, ADA)) == (ADA, BEN)


# What is written down in a case.


def test_what_is_written_in_a_case_is_kept_and_can_be_changed_and_taken_back():
    run = run_after(CASE, (0, QUESTION))
    assert run.kept_words(1, BEN, "question") == "How do I say no?"
    assert decide(run, Keep(BEN, CaseField.QUESTION, " How do I say no? "), after(1)) == []
    run = run_after(
        run, (1, Keep(BEN, CaseField.NEXT_STEP, "Ask Gus")), (2, Keep(BEN, CaseField.QUESTION, ""))
    )
    assert run.kept_words(1, BEN, "question") == ""
    assert run.kept_words(1, BEN, "next_step") == "Ask Gus"


def test_nothing_written_where_nothing_was_changes_nothing():
    assert decide(CASE, Keep(BEN, CaseField.QUESTION, "  "), after(1)) == []


def test_what_is_too_long_or_of_no_case_on_the_table_is_refused():
    assert why_not(CASE, (0, Keep(BEN, CaseField.QUESTION, "x" * (MAX_PROMPT + 1)))) is Refusal.TOO_LONG
    assert why_not(CASE, (0, Keep(BEN, CaseField.QUESTION, "x" * MAX_PROMPT))) is None
    assert why_not(CASE, (0, Keep(ADA, CaseField.QUESTION, "Mine?"))) is Refusal.NOT_ASKED
    assert why_not(OPEN, (0, QUESTION)) is Refusal.NOT_ASKED


def test_of_two_who_write_at_once_both_texts_are_kept_and_twice_is_once():
    ada = Keep(BEN, CaseField.QUESTION, "x" * MAX_PROMPT, seen=(version_of(""),))
    run = run_after(CASE, (0, ada), (1, replace(QUESTION, seen=ada.seen)))
    assert run.kept_words(1, BEN, "question") == f"{ada.text}\n\nHow do I say no?"
    assert decide(run, replace(QUESTION, seen=ada.seen), after(2)) == []
    more = Keep(BEN, CaseField.QUESTION, "How, really?", seen=(*ada.seen, version_of(QUESTION.text)))
    assert run_after(run, (2, more)).kept_words(1, BEN, "question") == f"{ada.text}\n\nHow, really?"
    for letter in "abc":
        run = run_after(run, (3, replace(ada, text=letter * (MAX_PROMPT - 10))))
    assert why_not(run, (4, replace(ada, text="d" * MAX_PROMPT))) is Refusal.TOO_LONG


def test_what_was_written_in_a_case_is_kept_when_the_group_has_gone_on_but_of_nobody_elses_case():
    run = run_after(CASE, (5, NextItem()))
    assert run_after(run, (6, replace(QUESTION, item_id=1))).kept_words(1, BEN, "question") == QUESTION.text
    for other in (
        QUESTION,
        replace(QUESTION, item_id=2),
        replace(QUESTION, item_id=7),
        Keep(9, CaseField.QUESTION, "x", 1),
    ):
        assert why_not(run, (6, other)) is Refusal.NOT_ASKED
    assert why_not(CASE, (6, replace(QUESTION, item_id=2))) is Refusal.NOT_ASKED


def test_words_that_were_kept_can_be_changed_although_the_case_was_dropped():
    run = run_after(CASE, (0, QUESTION), (1, NameOwners((ADA,))))
    changed = replace(QUESTION, text="How, really?", item_id=1)
    assert run_after(run, (2, changed)).kept_words(1, BEN, "question") == "How, really?"
    assert why_not(run, (2, replace(changed, what=CaseField.NEXT_STEP))) is Refusal.NOT_ASKED


def test_what_was_written_stays_when_the_word_goes_on_and_back():
    run = run_after(CASE, (0, Next()), (1, QUESTION), (2, NextTurn()), (3, Back()), (4, NextItem()))
    assert run.kept_words(1, BEN, "question") == "How do I say no?"


def test_writing_is_not_stopped_by_what_moves_meanwhile():
    assert not overtaken(run_after(CASE, (0, Next())), QUESTION, CASE.number)
