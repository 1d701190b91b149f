"""Of what several windows of one person write, nothing is replaced that nobody of them has seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ementor.writings.models import Writing
from ementor.writings.services import Given, _write

TABS = ("laptop", "phone", "tablet", "")
"""The last one has no script, and so no name."""

STEPS = st.lists(st.tuples(st.sampled_from(TABS), st.sampled_from(["write", "look", "deaf"])), max_size=14)


@given(STEPS)
def test_what_no_other_window_has_seen_is_in_the_text_or_beside_it(steps: list[tuple[str, str]]) -> None:
    row = Writing(meeting_id=1, user_id=1, item_id=1, text="", number=0, tab="", other="", other_tab="")
    seen = dict.fromkeys(TABS, 0)  # which number each window has on its screen
    knows: dict[str, set[int]] = {tab: set() for tab in TABS}  # the texts that its next one goes on from
    texts: dict[int, str] = {}
    for step, (tab, what) in enumerate(steps):
        if what == "look":
            seen[tab] = row.number
            knows[tab].add(row.number)
        else:
            text = f"text {step}."
            _write(row, text, Given(text=text, seen=seen[tab], tab=tab))
            for known in knows[tab]:
                texts.pop(known, None)
            texts[row.number] = text
            if tab or what == "write":  # without a script the page is a new one after each answer
                knows[tab] = {row.number}
            if what == "write":  # else its answer was lost on the way
                seen[tab] = row.number
        for kept in texts.values():
            assert kept in row.text or kept in row.other
