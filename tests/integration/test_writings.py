"""Quiet writing: what is kept for its author alone, and what goes into the notes by choice."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ementor import clock
from ementor.archive import services as archive
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.groups.models import Membership
from ementor.meetings import services as meetings
from ementor.meetings.services.log import events_since
from ementor.notes import services as notes
from ementor.notes.models import NoteUpdate
from ementor.writings.models import MAX_TEXT, SharedLine, Writing
from tests.support import inside
from tests.support.outside import Server
from tests.support.people import House, Person

HTMX = {"HX-Request": "true"}
PAGE = HTMX | {"Prefer": "return=minimal"}


@pytest.fixture
def house(app: Flask) -> House:
    """A meeting that begins with writing: its first item is made so."""
    house = House(app.test_client)
    ada = house.person("Ada")
    fields = {"press": "change_item", "item": "1", "mode": "writing", "title": "Own words", "minutes": "5"}
    assert ada.client.post(f"/m/{ada.meeting_id}/press", data=fields).status_code == 303
    return house


@pytest.fixture
def live(people: dict[str, Person], socket_for: Callable[[str], inside.Socket]) -> dict[str, inside.Socket]:
    """Ada, Ben and Gus are in the room and the writing has begun; Eve is in a room of her own."""
    sockets = {name: socket_for(name) for name in people}
    for socket in sockets.values():
        assert socket.join()["ok"]
    press(people["Ada"], "start")
    return sockets


def press(person: Person, what: str, **fields: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/press", data={"press": what, **fields})


def write(person: Person, text: str | None = None, *, item: int = 1, **fields: str) -> Any:
    data = fields | ({} if text is None else {"text": text})
    return person.client.post(f"/m/{person.meeting_id}/writing/{item}", data=data, headers=PAGE)


def share(person: Person, *lines: str, item: int = 1, named: str = "yes") -> Any:
    data = {"line": list(lines), "named": named}
    return person.client.post(f"/m/{person.meeting_id}/writing/{item}/share", data=data, headers=HTMX)


def seen_by(person: Person, query: str = "") -> str:
    answer = person.client.get(f"/m/{person.meeting_id}/writing{query}", headers=HTMX)
    assert answer.status_code == 200
    return str(answer.text)


def notes_of(person: Person, part: str = "item-1") -> str:
    return notes.html_of(person.meeting_id).get(part, "")


def kept() -> list[Writing]:
    return list(db.session.scalars(select(Writing).order_by(Writing.user_id)))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def leave(socket: inside.Socket) -> None:
    """Let somebody's silence have lasted long enough."""
    from ementor.meetings.domain.run import PersonLeft

    meetings.record(socket.person.meeting_id, PersonLeft(socket.person.id, clock.now()), actor_id=None)


def end_and_seal(person: Person) -> None:
    press(person, "end")
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=True):
        assert archive.seal(person.meeting_id)


# Writing


@pytest.mark.usefixtures("live")
def test_what_was_written_is_there_after_a_reload_and_for_its_author_alone(people: dict[str, Person]) -> None:
    assert write(people["Ben"], "SECRET äöå 💚").status_code == 204
    assert "SECRET äöå 💚</textarea>" in seen_by(people["Ben"])
    assert "SECRET" not in seen_by(people["Ada"]) + seen_by(people["Gus"])


def test_before_its_item_there_is_no_card_and_in_it_everybody_has_one(
    people: dict[str, Person], socket_for: Callable[[str], inside.Socket]
) -> None:
    assert re.search(r'id="writing"[^>]*hidden', seen_by(people["Ben"]))
    press(people["Ada"], "start")
    for name in ("Ada", "Ben", "Gus"):
        assert "Only you see this" in seen_by(people[name])


@pytest.mark.usefixtures("live")
def test_saving_twice_is_saving_once(people: dict[str, Person]) -> None:
    for _ in range(2):
        assert write(people["Ben"], "once", seen="0", tab="a").headers["X-Seen"] == "1"
    assert [(row.text, row.number) for row in kept()] == [("once", 1)]


@pytest.mark.usefixtures("live")
def test_when_the_group_goes_on_the_text_stays_and_can_be_opened_and_changed(
    people: dict[str, Person],
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    write(ben, "mine to keep")
    press(ada, "next_item")
    closed = seen_by(ben)
    assert "Own words" in closed
    assert "mine to keep" not in closed
    assert "mine to keep</textarea>" in seen_by(ben, "?open=1")
    assert write(ben, "mine to keep, longer").status_code == 204
    assert re.search(r'id="writing"[^>]*hidden', seen_by(ada))  # who wrote nothing has nothing to open


@pytest.mark.usefixtures("live")
def test_who_had_not_saved_a_word_when_the_group_went_on_keeps_the_field(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "next_item")
    assert 'name="text"' in seen_by(ben, "?keep=1")
    assert 'name="text"' not in seen_by(ben, "?keep=2")  # nothing is written there
    assert write(ben, "just in time").status_code == 204
    assert 'name="text"' not in seen_by(ben)


@pytest.mark.usefixtures("live")
def test_a_text_stays_reachable_when_its_item_becomes_something_else(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    write(ben, "still mine")
    press(ada, "change_item", item="1", mode="open", title="Talk", minutes="5")
    assert "still mine</textarea>" in seen_by(ben, "?open=1")
    assert write(ben, "still mine too").status_code == 204


@pytest.mark.usefixtures("live")
def test_too_long_a_text_is_refused_and_the_saved_one_stays(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "short")
    answer = write(ben, "x" * (MAX_TEXT + 1))
    assert answer.status_code == 422
    assert f"at most {MAX_TEXT} characters" in answer.text
    assert kept()[0].text == "short"
    assert write(ben, "\r\n" * (MAX_TEXT - 1) + "x").status_code == 204


@pytest.mark.parametrize(
    "fields",
    [
        {"seen": "many"},
        {"seen": "-1"},
        {"tab": "A B"},
        {"tab": "x" * 17},
        {"ready": "maybe"},
        {"other": "burn"},
        {"other": "add-xyz"},
    ],
)
@pytest.mark.usefixtures("live")
def test_what_is_not_of_the_form_is_refused_whole(people: dict[str, Person], fields: dict[str, str]) -> None:
    assert write(people["Ben"], "words", **fields).status_code == 422
    assert count(Writing) == 0


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("item", [2, 99, 2**40])
def test_one_writes_only_where_there_is_writing(people: dict[str, Person], item: int) -> None:
    assert write(people["Ben"], "words", item=item).status_code == 404
    assert count(Writing) == 0


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "\u202eabc", "a\x00b", "</textarea><b>", "{{ 7*7 }}"]
)
@pytest.mark.usefixtures("live")
def test_any_words_come_back_as_words(people: dict[str, Person], words: str) -> None:
    ben = people["Ben"]
    assert write(ben, words).status_code == 204
    line = kept()[0].text
    assert share(ben, line).status_code == 200
    for page in (seen_by(ben), notes_of(ben), shown_choice(ben)):
        assert "<script>" not in page
        assert "<b>" not in page
        assert "\x00" not in page


def shown_choice(person: Person) -> str:
    path = f"/m/{person.meeting_id}/writing/1/share?whole=yes"
    return str(person.client.get(path, headers=HTMX).text)


# Two windows of one person


@pytest.mark.usefixtures("live")
def test_of_two_windows_the_last_one_wins_and_the_other_text_stays_in_sight(
    people: dict[str, Person],
) -> None:
    ben = people["Ben"]
    assert write(ben, "from the laptop", seen="0", tab="laptop").status_code == 204
    answer = write(ben, "from the phone", seen="0", tab="phone")
    assert (answer.status_code, answer.headers["X-Seen"]) == (200, "2")
    page = seen_by(ben)
    assert "from the phone</textarea>" in page
    assert "You saved this in another window" in page
    assert "from the laptop" in page


@pytest.mark.usefixtures("live")
def test_two_windows_that_both_go_on_keep_two_texts_and_not_a_pile(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "laptop 1", seen="0", tab="laptop")
    write(ben, "phone 1", seen="0", tab="phone")
    write(ben, "laptop 2", seen="1", tab="laptop")
    write(ben, "phone 2", seen="2", tab="phone")
    [row] = kept()
    assert (row.text, row.other) == ("phone 2", "laptop 2")
    write(ben, "tablet", seen="0", tab="tablet")
    [row] = kept()
    assert (row.text, row.other) == ("tablet", "laptop 2\n\nphone 2")


@pytest.mark.usefixtures("live")
def test_a_window_whose_answer_was_lost_is_not_taken_for_another_one(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "one", seen="0", tab="laptop")
    assert write(ben, "one two", seen="0", tab="laptop").status_code == 204
    assert kept()[0].other == ""


@pytest.mark.usefixtures("live")
def test_a_text_that_holds_the_other_one_replaces_it(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "one", seen="0", tab="laptop")
    assert write(ben, "one two", seen="0", tab="phone").status_code == 204


@pytest.mark.usefixtures("live")
def test_the_other_text_is_added_or_left_out_by_choice_and_only_as_it_was_seen(
    people: dict[str, Person],
) -> None:
    ben = people["Ben"]
    write(ben, "laptop", seen="0", tab="laptop")
    write(ben, "phone", seen="0", tab="phone")
    assert write(ben, other="drop-" + "0" * 32).status_code == 200
    assert kept()[0].other == "laptop"
    [add] = re.findall(r'value="(add-[0-9a-f]+)"', seen_by(ben))
    assert write(ben, other=add).status_code == 204
    assert [(row.text, row.other) for row in kept()] == [("phone\n\nlaptop", "")]


# Ready


def test_everybody_sees_how_many_of_those_here_are_ready_and_not_who(
    people: dict[str, Person], live: dict[str, inside.Socket]
) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    write(ben, "words")
    assert "0 of 3 ready" in seen_by(gus)
    before = meetings.run_of(ben.meeting_id).number
    for _ in range(2):
        write(ben, ready="yes")
    assert meetings.run_of(ben.meeting_id).number == before + 1  # twice is once
    for person in (ada, ben, gus):
        assert "1 of 3 ready" in seen_by(person)
    assert "Ben" not in seen_by(gus)
    leave(live["Gus"])
    assert "1 of 2 ready" in seen_by(ada)
    leave(live["Ben"])
    assert "0 of 1 ready" in seen_by(ada)  # whoever is not here counts neither here nor there
    assert live["Ben"].join()["ok"]
    write(ben, ready="no")
    assert "0 of 2 ready" in seen_by(ada)


def test_the_room_hears_of_readiness_and_of_no_text(
    people: dict[str, Person], live: dict[str, inside.Socket]
) -> None:
    ben = people["Ben"]
    for socket in live.values():
        socket.received("changed")
        socket.heard.clear()
    write(ben, "SECRET-WORDS", seen="0", tab="laptop")
    write(ben, "SECRET-OTHER", seen="0", tab="phone")
    for name in ("Ada", "Gus", "Eve"):
        live[name].received("changed")
        assert live[name].heard == []
    write(ben, ready="yes")
    for name in ("Ada", "Gus"):
        assert len(live[name].received("changed")) == 1
        assert [event for event, _ in live[name].heard] == ["changed"]
    assert live["Eve"].received("changed") == []


# Sharing


@pytest.mark.usefixtures("live")
def test_what_will_be_shown_is_said_before(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "one\n\n  two  ")
    page = shown_choice(ben)
    assert "<bdi>Own words</bdi>" in page
    assert re.findall(r'name="line" value="([^"]*)" checked', page) == ["one", "two"]
    assert 'With my name: <bdi translate="no">Ben</bdi>' in page


def test_shared_lines_are_in_the_notes_of_everybody_at_once_and_the_rest_is_not(
    people: dict[str, Person], live: dict[str, inside.Socket]
) -> None:
    ben = people["Ben"]
    write(ben, "for all\nSECRET\nfor all too")
    before = len(live["Ada"].received("note:update"))
    assert "2 lines of this are in the group" in share(ben, "for all", "for all too").text
    assert notes_of(ben) == "<p><strong>Ben: </strong>for all<br>for all too</p>"
    for name in ("Ada", "Ben", "Gus"):
        frames = live[name].received("note:update")
        assert b"for all too" in frames[-1]["update"]
        assert all(b"SECRET" not in frame["update"] for frame in frames)
    assert len(live["Ada"].received("note:update")) == before + 1
    assert live["Eve"].received("note:update") == []
    assert kept()[0].text == "for all\nSECRET\nfor all too"  # one's own stays one's own


@pytest.mark.usefixtures("live")
def test_the_same_lines_pressed_twice_or_from_two_pages_are_there_once(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "one\ntwo")
    for lines in (("one",), ("one",), ("one", "two"), ("two", "two")):
        assert share(ben, *lines).status_code == 200
    assert notes_of(ben).count("one") == notes_of(ben).count("two") == 1
    assert "All of this is already in the group" in shown_choice(ben)
    write(ben, "one\ntwo\nthree")
    assert re.findall(r'name="line" value="([^"]*)"', shown_choice(ben)) == ["three"]


@pytest.mark.usefixtures("live")
def test_without_a_name_nothing_tells_whose_it_is(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "whose is this")
    share(ben, "whose is this", named="no")
    assert notes_of(ben).startswith("<p>whose is this</p>")
    newest = db.session.scalars(select(NoteUpdate).order_by(NoteUpdate.number.desc())).first()
    assert newest is not None
    assert newest.author_id is None
    assert b"Ben" not in newest.data


@pytest.mark.usefixtures("live")
def test_two_people_share_after_one_another_and_after_what_is_written(people: dict[str, Person]) -> None:
    for name in ("Ben", "Gus"):
        write(people[name], f"from {name}")
        share(people[name], f"from {name}")
    html = notes_of(people["Ada"])
    assert html == ("<p><strong>Ben: </strong>from Ben</p><p><strong>Gus: </strong>from Gus</p>")


@pytest.mark.usefixtures("live")
def test_only_lines_of_ones_own_saved_text_can_be_shared(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "mine")
    assert share(ben, "somebody else's").status_code == 409
    assert share(ben).status_code == 422
    assert share(ben, "  ").status_code == 422
    assert notes_of(ben) == ""
    assert count(SharedLine) == 0


@pytest.mark.usefixtures("live")
def test_a_share_that_the_notes_do_not_take_is_not_counted_as_shared(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = people["Ben"]
    write(ben, "words")
    with monkeypatch.context() as patched:
        patched.setattr("ementor.notes.document.MAX_LOG_BYTES", 0)
        assert share(ben, "words").status_code == 422
    assert count(SharedLine) == 0
    assert share(ben, "words").status_code == 200
    assert "words" in notes_of(ben)


def both_share(first: Server, second: Server) -> None:
    """Let one person press "share" on two pages at the same moment, with one line in common."""
    ada = first.client_for("Ada")
    room = f"/m/{first.house.meeting_id}"
    fields = {"press": "change_item", "item": "1", "mode": "writing", "title": "Own words", "minutes": "5"}
    assert ada.post(f"{room}/press", data=fields).status_code == 303
    lines = [f"line {number}" for number in range(12)]
    pages = [server.client_for("Ben") for server in (first, second)]
    assert pages[0].post(f"{room}/writing/1", data={"text": "\n".join(lines)}).status_code == 303
    start = threading.Barrier(2)
    answers: list[int] = []

    def go(page: Any) -> None:
        for line in lines:
            start.wait()
            answers.append(page.post(f"{room}/writing/1/share", data={"line": line}).status_code)

    threads = [threading.Thread(target=go, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 24
    ada.post(f"{room}/press", data={"press": "start"})
    ada.post(f"{room}/press", data={"press": "end"})
    record = pages[0].get(room).text.partition('class="card own"')[0]
    assert [record.count(f"{line}</p>") for line in lines] == [1] * 12


def test_one_press_on_two_pages_at_once_shares_once(server: Server) -> None:
    both_share(server, server)


def test_one_press_on_two_processes_at_once_shares_once(two_servers: tuple[Server, Server]) -> None:
    both_share(*two_servers)


# Rights


@pytest.mark.usefixtures("live")
def test_an_outsider_finds_nothing(people: dict[str, Person]) -> None:
    ben, eve = people["Ben"], people["Eve"]
    write(ben, "SECRET")
    base = f"/m/{ben.meeting_id}/writing"
    for path in (base, f"{base}/1/share"):
        answer = eve.client.get(path, headers=HTMX)
        assert answer.status_code == 404
        assert "SECRET" not in answer.text
    assert eve.client.post(f"{base}/1", data={"text": "x"}).status_code == 404
    assert eve.client.post(f"{base}/1/share", data={"line": "SECRET"}).status_code == 404
    assert [row.text for row in kept()] == ["SECRET"]


@pytest.mark.usefixtures("live")
def test_no_page_of_anybody_else_holds_the_words(people: dict[str, Person]) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    write(ben, "SECRET", ready="yes")
    for person in (ada, gus):
        for path in ("", "/run", "/reflection", "/writing", "/writing/1/share"):
            answer = person.client.get(f"/m/{ben.meeting_id}{path}")
            assert answer.status_code == 200
            assert "SECRET" not in answer.text
    log = json.dumps([event.data for event in events_since(ben.meeting_id, 1)])
    assert "SECRET" not in log


@pytest.mark.usefixtures("live")
def test_who_was_removed_reaches_it_no_more(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    write(ben, "SECRET")
    member = db.session.scalars(select(Membership).where(Membership.user_id == ben.id)).one()
    member.ended_at = clock.now()
    db.session.commit()
    assert ben.client.get(f"/m/{ben.meeting_id}/writing", headers=HTMX).status_code == 404
    assert write(ben, "more").status_code == 404
    assert share(ben, "SECRET").status_code == 404


@pytest.mark.usefixtures("live")
def test_a_form_without_its_token_keeps_nothing(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    for path in ("writing/1", "writing/1/share"):
        answer = ben.client.post(f"/m/{ben.meeting_id}/{path}", data={"text": "x"}, csrf=False)
        assert answer.status_code == 400
    assert count(Writing) == 0


# The end


@pytest.mark.usefixtures("live")
def test_after_the_end_nothing_is_taken_and_undoing_it_brings_all_back(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    write(ben, "words\nmore", ready="yes")
    share(ben, "words")
    press(ada, "end")
    late = write(ben, "too late")
    assert late.status_code == 409
    assert "The meeting has ended" in late.text
    assert share(ben, "more").status_code == 409
    press(ada, "reopen")
    page = seen_by(ben)
    assert "words\nmore</textarea>" in page
    assert "1 line of this is in the group" in page
    assert "1 of 3 ready" in page
    assert write(ben, "words\nmore\nand more").status_code == 204


@pytest.mark.usefixtures("live")
def test_the_seal_keeps_the_words_for_their_author_and_forgets_who_was_ready(
    people: dict[str, Person],
) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    write(ben, "SECRET\nfor all", seen="0", tab="a", ready="yes")
    write(ben, "SECRET, for all\nfor all", seen="0", tab="b")
    share(ben, "for all", named="no")
    write(gus, ready="yes")
    write(ada, "  ")
    end_and_seal(ada)
    [row] = kept()
    assert (row.user_id, row.ready) == (ben.id, False)
    assert count(SharedLine) == 0
    own = ben.client.get(f"/m/{ben.meeting_id}").text.partition('class="card own"')[2]
    assert "SECRET, for all" in own
    assert "SECRET\nfor all" in own  # what two windows wrote, both
    assert "SECRET" not in ben.client.get(f"/m/{ben.meeting_id}/record.md").text
    record = db.session.get_one(RecordRow, ben.meeting_id)
    assert "SECRET" not in json.dumps(record.data)
    assert "for all" in json.dumps(record.data)
    for person in (ada, gus):
        assert "SECRET" not in person.client.get(f"/m/{ben.meeting_id}").text
    assert write(ben, "later").status_code == 409


# The next step


class TestNextStep:
    @pytest.fixture
    def house(self, app: Flask) -> House:
        return House(app.test_client, template="mepe-1")

    @pytest.fixture
    def item(self, people: dict[str, Person], live: dict[str, inside.Socket]) -> int:
        return enter(people["Ada"], "step")

    @pytest.mark.usefixtures("item")
    def test_it_is_the_closing_reflections_own_and_says_that_it_is_shared(
        self, people: dict[str, Person]
    ) -> None:
        ada, ben = people["Ada"], people["Ben"]
        page = seen_by(ben)
        assert 'name="step"' in page
        assert f'action="/m/{ben.meeting_id}/reflection"' in page
        assert "The group will see this with your name." in page
        assert "only I see" not in page
        assert 'name="text"' not in page
        ben.client.post(f"/m/{ben.meeting_id}/reflection", data={"step": "ask Gus"}, headers=HTMX)
        reflection = ben.client.get(f"/m/{ben.meeting_id}/reflection", headers=HTMX).text
        assert seen_by(ben).count("ask Gus") == reflection.count("ask Gus") == 1
        assert "ask Gus" not in seen_by(ada)
        press(ada, "reveal")
        assert "The group sees this with your name." in seen_by(ben)
        assert "ask Gus" in ada.client.get(f"/m/{ben.meeting_id}/reflection", headers=HTMX).text

    def test_all_see_how_many_are_ready_and_nothing_of_it_stays(
        self, people: dict[str, Person], item: int
    ) -> None:
        assert write(people["Ben"], item=item, ready="yes").status_code == 204
        assert "1 of 3 ready" in seen_by(people["Gus"])
        end_and_seal(people["Ada"])
        assert count(Writing) == 0


# The self-assessment


class TestSelfAssessment:
    @pytest.fixture
    def house(self, app: Flask) -> House:
        return House(app.test_client, template="mepe-1")

    @pytest.fixture
    def item(self, people: dict[str, Person], live: dict[str, inside.Socket]) -> int:
        return enter(people["Ada"], "self_assessment")

    def pressed(self, page: str) -> list[tuple[str, str]]:
        return re.findall(r'name="answer-(\d)" value="" aria-pressed="true"\s+aria-label="(\d)', page)

    def test_each_statement_takes_a_number_that_only_its_author_sees(
        self, people: dict[str, Person], item: int
    ) -> None:
        ben = people["Ben"]
        assert write(ben, item=item, **{"answer-1": "4", "answer-8": "1"}).status_code == 204
        page = seen_by(ben)
        assert page.count('class="statement" role="group"') == 8
        assert "I ask more than I advise." in page
        assert "not a scientifically tested measure" in page
        assert self.pressed(page) == [("1", "4"), ("8", "1")]
        assert self.pressed(seen_by(people["Ada"])) == []
        write(ben, item=item, **{"answer-1": ""})
        assert self.pressed(seen_by(ben)) == [("8", "1")]

    @pytest.mark.parametrize("fields", [{"answer-1": "6"}, {"answer-2": "²"}, {"answer-3": "many"}])
    def test_other_numbers_are_refused(
        self, people: dict[str, Person], item: int, fields: dict[str, str]
    ) -> None:
        assert write(people["Ben"], item=item, **fields).status_code == 422
        assert count(Writing) == 0

    def test_statements_belong_to_their_item(self, people: dict[str, Person], item: int) -> None:
        other = enter(people["Ada"], "step")
        assert write(people["Ben"], item=other, **{"answer-1": "3"}).status_code == 422

    def test_the_second_time_shows_the_first_beside_it_to_the_same_person(
        self, people: dict[str, Person], item: int, socket_for: Callable[[str], inside.Socket]
    ) -> None:
        ada, ben = people["Ada"], people["Ben"]
        write(ben, item=item, **{"answer-1": "2", "answer-2": "5"})
        end_and_seal(ada)
        own = ben.client.get(f"/m/{ben.meeting_id}").text.partition('class="card own"')[2]
        assert "I listen to the end before I answer. <b>2</b>" in own
        assert "I listen" not in ada.client.get(f"/m/{ben.meeting_id}").text
        again = next_meeting(ben.meeting_id)
        assert meetings.run_of(again).item is not None
        for person, first in ((ben, ["2", "5", "–"]), (ada, [])):
            page = person.client.get(f"/m/{again}/writing", headers=HTMX).text
            assert re.findall(r"2026: <b>(.)</b>", re.sub(r"20\d\d", "2026", page))[:3] == first


def enter(ada: Person, form: str) -> int:
    """Go to the item that is filled in so."""
    [item] = [item for item in meetings.run_of(ada.meeting_id).agenda if item.form == form]
    assert press(ada, "enter_item", item=str(item.id)).status_code == 303
    return item.id


def next_meeting(meeting_id: int) -> int:
    """Make the group's next meeting, which begins with the same self-assessment."""
    from ementor.meetings.domain.agenda import Item, Mode
    from ementor.meetings.domain.run import PersonCame, PlanAgenda, Start
    from ementor.meetings.models import Meeting

    first = db.session.get_one(Meeting, meeting_id)
    second = Meeting(
        group_id=first.group_id,
        title=dict(first.title),
        template_key=None,
        own_closing={},
        created_at=clock.now(),
        ended_at=None,
    )
    db.session.add(second)
    db.session.commit()
    form = Item(1, Mode.WRITING, {"": "Again"}, {}, 5, form="self_assessment")
    for command in (PlanAgenda((form,)), PersonCame(1), Start()):
        meetings.record(second.id, command, actor_id=None)
    return second.id


# Without a script, and in other words


@pytest.mark.usefixtures("live")
def test_without_a_script_it_is_a_page(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    path = f"/m/{ben.meeting_id}/writing"
    answer = ben.client.post(f"{path}/1", data={"text": "plain", "seen": "0"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    page = ben.client.get(path).text
    assert "<html" in page
    assert "plain</textarea>" in page
    assert "<html" in ben.client.get(f"{path}/1/share").text
    assert ben.client.post(f"{path}/1/share", data={"line": "plain"}).status_code == 303
    assert "plain" in notes_of(ben)
    assert ben.client.get(f"{path}/1").status_code == 303


@pytest.mark.usefixtures("live")
def test_the_card_speaks_the_viewers_language(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    ben.client.post("/language", data={"locale": "fi", "next": "/"})
    assert "Vain sinä näet tämän" in seen_by(ben)
