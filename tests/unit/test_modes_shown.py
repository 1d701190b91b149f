"""The registries of modes: none is missing in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ementor.meetings import forms, merging, modes, printing
from ementor.meetings.domain.agenda import MAX_STEPS, TICKS, Item, ItemSettings, how_from_data, how_to_data
from ementor.meetings.domain.modes import RULES, Mode, ModeRules


def test_every_mode_has_its_rules_and_is_shown() -> None:
    assert set(RULES) == set(modes.SHOWN) == set(Mode)


def test_the_templates_of_the_modes_are_there() -> None:
    for shown in modes.SHOWN.values():
        if shown.template:
            assert printing.ENVIRONMENT.get_template(f"meetings/{shown.template}")


def test_a_setting_belongs_to_a_rule_and_is_read_only_for_modes_that_have_it() -> None:
    assert all(isinstance(getattr(ModeRules(), rule), bool) for rule in modes.FIELDS.values())
    sent = {
        "how": "1",
        "minutes": "10",
        "turn": "2",
        "size": "3",
        "each": "on",
        "least_heard": "on",
        "auto": "on",
    }
    sent |= {"step-0-title": "Tell", "step-0-time": "1"}
    read = {mode: forms.how({**sent, "mode": mode}) for mode in ("open", "round", "pairs", "writing")}
    assert read["open"] == ItemSettings(least_heard=True, auto=True)
    assert read["writing"] == ItemSettings(auto=True)
    assert read["pairs"] is not None
    assert (read["pairs"].size, read["pairs"].each, read["pairs"].turn_s) == (3, True, 120)
    assert read["round"] is not None
    assert (read["round"].size, read["round"].each, read["round"].turn_s) == (2, False, 120)
    assert len(read["round"].steps) == 1


@pytest.mark.parametrize("mode", Mode)
def test_the_fields_that_are_not_shown_cannot_be_wrong(mode: Mode) -> None:
    wrong = {
        "how": "1",
        "mode": mode.value,
        "minutes": "10",
        "turn": "soon",
        f"step-{MAX_STEPS - 1}-time": "x",
    }
    if "turn" not in modes.fields_of(mode):
        assert forms.how(wrong) == ItemSettings()


@pytest.mark.parametrize("tick", TICKS)
def test_a_setting_that_is_on_or_off_is_shown_read_and_kept(tick: str) -> None:
    mode = next(one for one in Mode if tick not in modes.FIELDS or tick in modes.fields_of(one))
    on = ItemSettings(**{tick: True})  # type: ignore[arg-type]
    shown = merging.item_values(Item(1, mode, {"": "Talk"}, {}, 10, how=on), "en")
    assert shown[tick] == "on"
    assert forms.how({name: text for name, text in shown.items() if text} | {"how": "1"}) == on
    assert how_from_data(how_to_data(on)) == on
    form = Path("templates/meetings/_item_form.html").read_text(encoding="utf-8")
    assert f'call box("{tick}"' in form
