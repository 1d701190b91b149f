"""The closing reflection: what is kept, and what nobody else ever gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from ementor.database import db
from ementor.reflections.models import MAX_TEXT, Answer, NextStep
from tests.support.people import House, Person

HTMX = {"HX-Request": "true"}
FIVE = ("Ada", "Ben", "Gus", "Dan", "Fay")


def reflect(person: Person, **fields: str) -> Any:
    """Post some fields as the page does: ``text_1`` is the field ``text-1``."""
    data = {name.replace("_", "-"): value for name, value in fields.items()}
    return person.client.post(f"/m/{person.meeting_id}/reflection", data=data, headers=HTMX)


def seen_by(person: Person) -> str:
    answer = person.client.get(f"/m/{person.meeting_id}/reflection", headers=HTMX)
    assert answer.status_code == 200
    return str(answer.text)


def press(person: Person, what: str, **fields: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields})


def shared_part(person: Person) -> str:
    """Return what everybody sees, without the viewer's own form."""
    return seen_by(person).partition("<form")[0]


def number_now(person: Person) -> int:
    from ementor.meetings.services import run_of

    return run_of(person.meeting_id).number


def test_what_was_written_is_there_after_a_reload(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    assert reflect(ben, text_1="I am not alone", step="Ask Gus", number="4").status_code == 200
    page = seen_by(ben)
    assert "I am not alone</textarea>" in page
    assert "Ask Gus</textarea>" in page
    assert re.search(r'value="" aria-pressed="true"\s+aria-label="4"', page)


def test_each_question_and_the_programmes_own_is_asked(people: dict[str, Person], meeting: Any) -> None:
    page = seen_by(people["Ben"])
    assert "What are you taking with you from this meeting?" in page
    assert meeting.own_closing["en"] in page


def test_a_field_that_is_not_posted_stays_as_it_is(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    reflect(ben, text_1="first", step="promise")
    reflect(ben, text_2="second")
    page = seen_by(ben)
    assert all(f"{words}</textarea>" in page for words in ("first", "second", "promise"))


def test_saving_twice_is_saving_once(people: dict[str, Person]) -> None:
    for _ in range(2):
        assert reflect(people["Ben"], text_1="once", sharing_1="named", step="one").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1
    assert db.session.scalar(select(func.count()).select_from(NextStep)) == 1


def test_without_a_script_one_saves_with_a_button_and_comes_back_to_the_room(
    people: dict[str, Person],
) -> None:
    ben = people["Ben"]
    answer = ben.client.post(f"/m/{ben.meeting_id}/reflection", data={"text-1": "plain"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/m/{ben.meeting_id}#reflection")
    page = ben.client.get(f"/m/{ben.meeting_id}/reflection")
    assert "<html" in page.text
    assert "plain</textarea>" in page.text


def test_nobody_gets_anything_before_the_reveal_and_never_what_is_private(
    people: dict[str, Person],
) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    press(ada, "start")
    reflect(ben, text_1="SECRET-PRIVATE", text_2="SECRET-NAMED", sharing_2="named", step="SECRET-STEP")
    reflect(ben, text_own="SECRET-UNNAMED", sharing_own="unnamed", number="2")
    assert "SECRET" not in seen_by(ada) + seen_by(gus)
    press(ada, "reveal")
    for other in (ada, gus):
        page = seen_by(other)
        assert "SECRET-PRIVATE" not in page
        assert all(f"SECRET-{what}" in page for what in ("NAMED", "UNNAMED", "STEP"))


def test_an_unnamed_answer_comes_without_its_author(people: dict[str, Person]) -> None:
    ada, gus = people["Ada"], people["Gus"]
    press(ada, "start")
    reflect(gus, text_1="whose is this", sharing_1="unnamed")
    press(ada, "reveal")
    page = shared_part(people["Ben"])
    assert "whose is this" in page
    assert "Gus" not in page
    assert str(gus.id) not in re.findall(r'(?:data-\w+|id)="(\d+)"', page)


def test_unnamed_answers_keep_one_order_that_is_not_that_of_their_authors(house: House) -> None:
    crowd = [house.person(name) for name in (*FIVE, "Kim", "Leo", "Mia", "Ned", "Oli")]
    press(crowd[0], "start")
    for place, person in enumerate(crowd):
        reflect(person, text_1=f"words-{place:02}", sharing_1="unnamed")
        reflect(person, text_2=f"other-{place:02}", sharing_2="unnamed")
    press(crowd[0], "reveal")
    first, second = seen_by(crowd[0]), seen_by(crowd[1])
    orders = [re.findall(rf"{word}-(\d\d)</p>", first) for word in ("words", "other")]
    assert [re.findall(rf"{word}-(\d\d)</p>", second) for word in ("words", "other")] == orders
    assert sorted(orders[0]) == sorted(orders[1]) == [f"{place:02}" for place in range(10)]
    assert orders[0] != sorted(orders[0])  # once in 3 628 800 runs by chance
    assert orders[0] != orders[1]


def test_what_is_shared_after_the_reveal_appears_too_and_can_be_taken_back(
    people: dict[str, Person],
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    press(ada, "reveal")
    reflect(ben, text_1="late words", sharing_1="named")
    assert "late words" in seen_by(ada)
    reflect(ben, sharing_1="private")
    assert "late words" not in seen_by(ada)


def test_the_room_hears_of_what_it_can_see_and_of_nothing_else(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    reflect(ben, text_1="begun")
    before = number_now(ada)
    reflect(ben, text_1="quiet", sharing_1="named", number="3", step="soon")
    assert number_now(ada) == before
    reflect(ben, done="yes")
    assert number_now(ada) == before + 1
    reflect(ben, done="yes")
    assert number_now(ada) == before + 1
    press(ada, "reveal")
    reflect(ben, text_2="still mine")
    assert number_now(ada) == before + 2
    reflect(ben, text_1="heard", done="no")
    assert number_now(ada) == before + 3


def test_ones_own_pages_hear_of_what_is_saved_and_nobody_elses(
    people: dict[str, Person], socket_for: Callable[[str], Any]
) -> None:
    lines = {name: socket_for(name) for name in ("Ada", "Ben")}
    for line in lines.values():
        assert line.join()["ok"]
    reflect(people["Ben"], text_1="SECRET", tab="a1b2")
    assert lines["Ben"].received("mine") == [{"tab": "a1b2"}]
    assert lines["Ada"].received("mine") == []
    assert reflect(people["Ben"], text_1="SECRET", tab="<b>").status_code == 422
    assert lines["Ben"].received("mine") == [{"tab": "a1b2"}]


def test_who_begins_without_being_here_counts_and_is_told(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    reflect(ada, done="yes")
    before = number_now(ada)
    reflect(ben, text_1="SECRET")
    assert number_now(ada) == before + 1
    assert "1 of 2 ready" in seen_by(ada)
    reflect(ben, text_1="SECRET too")
    assert number_now(ada) == before + 1


def test_all_see_how_many_are_done(people: dict[str, Person]) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    for person in (ada, ben, gus):
        reflect(person, text_1="hm")
    assert "0 of 3 ready" in seen_by(gus)
    reflect(ben, done="yes")
    assert "1 of 3 ready" in seen_by(gus)
    reflect(ben, done="no")
    assert "0 of 3 ready" in seen_by(ben)


def test_only_who_facilitates_reveals(people: dict[str, Person]) -> None:
    press(people["Ada"], "start")
    assert 'value="reveal"' in seen_by(people["Ada"])
    assert 'value="reveal"' not in seen_by(people["Ben"])
    assert press(people["Ben"], "reveal").status_code == 403
    reflect(people["Gus"], text_1="SECRET", sharing_1="named")
    assert "SECRET" not in seen_by(people["Ben"])


class TestPicture:
    @pytest.fixture
    def five(self, house: House) -> list[Person]:
        five = [house.person(name) for name in FIVE]
        press(five[0], "start")
        return five

    def counts(self, person: Person) -> list[str]:
        return re.findall(r"</svg><span>(\d+)</span>", seen_by(person))

    def test_four_answers_show_nothing_and_five_show_the_group(self, five: list[Person]) -> None:
        for person in five[:4]:
            reflect(person, number="4")
        press(five[0], "reveal")
        assert self.counts(five[0]) == []
        assert "once 5 people have answered" in seen_by(five[0])
        reflect(five[4], number="1")
        assert self.counts(five[0]) == ["1", "0", "0", "4", "0"]
        assert "Mean 3.4, 5 answers" in seen_by(five[1])

    def test_it_is_not_shown_before_the_reveal(self, five: list[Person]) -> None:
        for person in five:
            reflect(person, number="5")
        assert self.counts(five[0]) == []

    def test_who_answers_later_or_changes_their_mind_does_not_change_it(
        self, five: list[Person], house: House
    ) -> None:
        for person in five:
            reflect(person, number="4")
        press(five[0], "reveal")
        before = self.counts(five[0])
        reflect(house.person("Kim"), number="1")
        assert self.counts(five[0]) == before
        reflect(five[1], number="1")
        assert self.counts(five[0]) == before
        reflect(five[1], number="")
        assert self.counts(five[0]) == before


def test_an_outsider_finds_nothing(people: dict[str, Person]) -> None:
    ben, eve = people["Ben"], people["Eve"]
    assert eve.meeting_id != ben.meeting_id
    path = f"/m/{ben.meeting_id}/reflection"
    assert eve.client.get(path).status_code == 404
    assert eve.client.post(path, data={"text-1": "x"}).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


def test_a_form_without_its_token_keeps_nothing(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    path = f"/m/{ben.meeting_id}/reflection"
    assert ben.client.post(path, data={"text-1": "x"}, csrf=False).status_code == 400
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "0"},
        {"number": "6"},
        {"number": "²"},
        {"number": "many"},
        {"sharing-1": "everybody"},
        {"done": "maybe"},
        {"text-1": "x" * (MAX_TEXT + 1)},
        {"step": "x" * 501},
        {"text-1": "fine", "number": "9"},
    ],
)
def test_what_is_not_of_the_form_is_refused_whole(people: dict[str, Person], fields: dict[str, str]) -> None:
    ben = people["Ben"]
    answer = ben.client.post(f"/m/{ben.meeting_id}/reflection", data=fields, headers=HTMX)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "\u202eabc", "👩‍👩‍👧 💚", "a\x00b", "&lt;", "</textarea><b>"]
)
def test_any_words_come_back_as_words(people: dict[str, Person], words: str) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    assert reflect(ben, text_1=words, sharing_1="named", step=words).status_code == 200
    press(ada, "reveal")
    page = seen_by(ada)
    assert "<script>" not in page
    assert "<b>" not in page.replace('<b><bdi translate="no">', "")
    assert "\x00" not in page


def test_a_text_may_fill_its_field_with_line_breaks_that_browsers_double(people: dict[str, Person]) -> None:
    assert reflect(people["Ben"], text_1="\r\n" * (MAX_TEXT - 1) + "x").status_code == 200


def test_the_part_speaks_the_viewers_language(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    ben.client.post("/language", data={"locale": "fi", "next": "/"})
    assert "Mitä sinulle jää tästä tapaamisesta?" in seen_by(ben)
