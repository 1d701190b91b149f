"""What a page sends again over a new connection, as it did not hear of the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ementor.events import callers
from ementor.meetings.services import run_of
from tests.support.inside import Socket
from tests.support.people import Person

HTMX = {"HX-Request": "true"}
NEW_ITEM = {"title": "One more", "prompt": "", "minutes": "5", "mode": "open"}


def press(person: Person, what: str, **fields: Any) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields}, headers=HTMX)


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("add_item", NEW_ITEM),
        ("up", {"item": "6"}),
        ("restore_item", {}),
        ("plus_minute", {}),
        ("next_item", {}),
        ("pause", {}),
    ],
)
def test_f11_a_press_that_is_sent_again_counts_once(
    people: dict[str, Person], meeting: Any, what: str, fields: dict[str, str]
) -> None:
    ada = people["Ada"]
    for item in ("2", "3"):
        press(ada, "remove_item", item=item)
    press(ada, "start")
    seen = run_of(meeting.id).number
    once = {"seen": seen, "id": "one-press"}
    assert press(ada, what, **fields, **once).status_code == 200
    after = run_of(meeting.id)
    assert after.number > seen
    press(ada, "resume")  # whatever happens in between
    assert press(ada, what, **fields, **once).status_code == 200
    now = run_of(meeting.id)
    assert (now.agenda, now.item) == (after.agenda, after.item)
    assert now.course.ticking_since is not None


def test_f11_an_end_and_its_undoing_that_are_sent_again_count_once(
    people: dict[str, Person], meeting: Any
) -> None:
    """Whoever pressed does not hear of it, and somebody else takes it back before it comes again."""
    ada = people["Ada"]
    press(ada, "start")
    for what, back in (("end", "reopen"), ("reopen", "end")):
        once = {"seen": run_of(meeting.id).number, "id": f"one-press-to-{what}"}
        assert press(ada, what, **once).status_code == 200
        assert run_of(meeting.id).closed is (what == "end")
        press(ada, back)
        number = run_of(meeting.id).number
        assert press(ada, what, **once).status_code == 200
        assert run_of(meeting.id).closed is (back == "end")
        assert run_of(meeting.id).number == number
        press(ada, "end")


def test_f11_two_presses_from_one_screen_are_two(people: dict[str, Person], meeting: Any) -> None:
    ada = people["Ada"]
    seen = run_of(meeting.id).number
    before = [item.id for item in run_of(meeting.id).agenda]
    for name in ("press-one", "press-two", "press-two"):
        press(ada, "up", item=str(before[3]), seen=seen, id=name)
    assert [item.id for item in run_of(meeting.id).agenda].index(before[3]) == 1


@pytest.mark.parametrize("name", ["", "\x00" * 8, "a" * 41, "Ä" * 8, "' OR 1=1 --"])
def test_a_name_that_no_page_gives_is_none(people: dict[str, Person], meeting: Any, name: str) -> None:
    ada = people["Ada"]
    number = run_of(meeting.id).number
    for _ in range(2):
        assert press(ada, "add_item", id=name, **NEW_ITEM).status_code == 200
    assert run_of(meeting.id).number == number + 2


def test_f12_a_page_that_comes_back_takes_the_place_of_its_own_socket_only(
    app: Flask, people: dict[str, Person], socket_for: Callable[[str], Socket]
) -> None:
    def of_ben() -> set[str]:
        return {sid for sid, one in callers.items() if one.person_id == people["Ben"].id} - others

    others: set[str] = set()
    others = of_ben()  # of other tests, in another database
    socket_for("Ben").join()
    (first,) = of_ben()
    gus = [Socket(app, people["Gus"], before=said) for said in (first, "", "x" * 5000)]
    assert all(one.is_connected for one in gus)
    assert of_ben() == {first}
    again = Socket(app, people["Ben"], before=first)
    assert again.join()["ok"]
    assert len(of_ben()) == 1
    assert first not in of_ben()
    for one in [*gus, again]:
        one.disconnect()
