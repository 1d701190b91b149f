"""The rules of the modes: one row each, and none that contradict each other."""

import pytest

from ementor.meetings.domain.modes import RULES, Mode


def test_no_mode_is_without_rules() -> None:
    assert list(RULES) == list(Mode)


@pytest.mark.parametrize("mode", Mode)
def test_the_rules_of_a_mode_go_together(mode: Mode) -> None:
    rules = RULES[mode]
    assert not (rules.has_turns and rules.has_pairs)
    assert not (rules.has_turns and rules.names_speaker)
    assert rules.names_speaker or not rules.has_queue
    assert rules.has_turn_settings or not rules.needs_steps
    assert rules.has_turn_settings == (rules.has_turns or rules.has_pairs)
    assert not (rules.is_droppable and (rules.is_rest or rules.is_closing))
