"""Turns, steps, groups, hands and cases in a real meeting: who may press what, twice and at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from ementor import clock
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.meetings import services
from ementor.meetings.domain import floor
from ementor.meetings.domain.agenda import ItemSettings, Mode, Step, StepSpeaker
from ementor.meetings.domain.run import (
    ChangeItem,
    Command,
    DrawPairs,
    NameOwners,
    Next,
    NextTurn,
    PersonCame,
    PersonLeft,
    RaiseHand,
    Run,
    Start,
)
from ementor.meetings.models import Meeting, MeetingEvent, Partners
from ementor.meetings.sections import CASES
from ementor.meetings.services.starting import case_steps
from ementor.texts import version_of
from tests.support.inside import FreshClient
from tests.support.people import House, Person

CASE = ItemSettings(steps=case_steps(20))
ASKED = ItemSettings(
    steps=(Step({"": "Tell"}, 60), Step({"": "Ask"}, 60, StepSpeaker.EACH), Step({"": "Promise"}, 60))
)

Wait = Callable[[float], None]
There = dict[str, Person]


@pytest.fixture
def there(house: House, wait: Wait) -> There:
    """Ada facilitates, Ben and Gus are in the room with her; Eve is an outsider."""
    house.template = "single-2"
    people = {name: house.person(name) for name in ("Ada", "Ben", "Gus", "Eve")}
    do(people, *(PersonCame(people[name].id) for name in ("Ada", "Ben", "Gus")))
    return people


def do(there: There, *commands: Command) -> Run:
    """Let these happen in Ada's meeting, whoever may."""
    for command in commands:
        run = services.record(there["Ada"].meeting_id, command, actor_id=None)
    return run


def begin(there: There, mode: Mode, how: ItemSettings, *commands: Command, minutes: int = 10) -> Run:
    """Start the meeting with its first item held so, and go on as said."""
    return do(there, ChangeItem(1, mode=mode, how=how, minutes=minutes), Start(), *commands)


def run_of(there: There) -> Run:
    return services.run_of(there["Ada"].meeting_id)


def press(there: There, who: str, press: str, /, **fields: Any) -> int:
    """Return the status of the answer to a press in Ada's meeting; 303 leads back to the room."""
    data = {name.replace("_", "-") if name.startswith("step_") else name: fields[name] for name in fields}
    path = f"/m/{there['Ada'].meeting_id}/press"
    return int(there[who].client.post(path, data={"press": press, **data}).status_code)


def keep(there: There, who: str, owner: str, what: str, text: str, seen: str = "") -> int:
    """Return the status of the answer to words of a case in the first item."""
    path = f"/m/{there['Ada'].meeting_id}/case/1/{there[owner].id}/{what}"
    data = {"text": text, "seen-text": version_of(seen)}
    return int(there[who].client.post(path, data=data).status_code)


# Rights.


def case(there: There) -> None:
    begin(there, Mode.CASE, CASE, NameOwners((there["Ben"].id, there["Gus"].id)), Next())


def overrun(there: There) -> None:
    begin(there, Mode.ROUND, ItemSettings(), Next())


def grouped(there: There) -> None:
    three = tuple(there[name].id for name in ("Ada", "Ben", "Gus"))
    begin(there, Mode.PAIRS, ItemSettings(each=True, size=3), DrawPairs((three,)))


def talk(there: There) -> None:
    begin(there, Mode.OPEN, ItemSettings())


@pytest.mark.parametrize(
    ("state", "what", "whose"),
    [
        (case, "name_owner", "Ada"),
        (case, "unname_owner", "Gus"),
        (case, "draw_owners", None),
        (overrun, "use_turn_length", None),
        (grouped, "draw_pairs", None),
        (grouped, "next", None),
        (talk, "give_word", "Gus"),
    ],
)
def test_only_who_runs_the_meeting_may(
    there: There, wait: Wait, state: Callable[[There], None], what: str, whose: str | None
) -> None:
    state(there)
    wait(400)
    before = run_of(there).number
    fields = {"person": there[whose].id} if whose else {}
    assert press(there, "Eve", what, **fields) == 404
    outsider = {name: press(there, name, what, **fields) for name in ("Gus", "Ben")}
    may = {"Ben"} if what == "next" and run_of(there).speaker == there["Ben"].id else set()
    assert outsider == {name: 303 if name in may else 403 for name in outsider}
    assert run_of(there).number == before
    assert press(there, "Ada", what, **fields) == 303
    assert what.startswith("draw") or run_of(there).number > before  # a draw may come out the same


def test_only_who_runs_the_meeting_lets_two_swap(there: There) -> None:
    ada, ben, gus = (there[name].id for name in ("Ada", "Ben", "Gus"))
    grouped(there)
    two = {"one": ada, "other": gus}
    assert [press(there, name, "swap_pair", **two) for name in ("Eve", "Ben", "Gus")] == [404, 403, 403]
    assert run_of(there).groups == ((ada, ben, gus),)
    assert press(there, "Ada", "swap_pair", **two) == 303
    assert run_of(there).groups == ((gus, ben, ada),)


def test_whose_turn_it_is_goes_through_their_steps(there: There) -> None:
    order = begin(there, Mode.ROUND, ASKED, Next()).order
    assert order[0] == there["Ada"].id
    do(there, NextTurn())
    assert run_of(there).speaker == there["Ben"].id
    assert press(there, "Gus", "next_step") == 403
    assert press(there, "Ben", "next_step") == 303
    assert run_of(there).course.step == 1
    assert press(there, "Gus", "next_turn") == 403
    assert press(there, "Ben", "next_turn") == 303
    assert run_of(there).speaker == there["Gus"].id


def test_who_is_asked_in_a_step_hands_on_and_does_no_more(there: There) -> None:
    begin(there, Mode.ROUND, ASKED, Next(), Next(), Next())
    run = run_of(there)
    assert (run.speaker, run.voice) == (there["Ada"].id, there["Ben"].id)
    refused = [press(there, "Ben", what) for what in ("pass", "next_step", "next_turn", "postpone", "pause")]
    assert refused == [403] * 5
    assert press(there, "Gus", "next") == 403
    assert press(there, "Ben", "next") == 303
    assert run_of(there).voice == there["Gus"].id


def test_everybody_raises_and_lowers_their_own_hand_and_the_facilitator_anybodys(there: There) -> None:
    talk(there)
    ben, gus = there["Ben"].id, there["Gus"].id
    assert press(there, "Eve", "raise_hand", person=there["Eve"].id) == 404
    assert press(there, "Gus", "raise_hand", person=ben) == 403
    assert press(there, "Gus", "raise_hand", person=gus) == 303
    assert press(there, "Ben", "lower_hand", person=gus) == 403
    assert floor.queue(run_of(there)) == (gus,)
    assert press(there, "Ada", "lower_hand", person=gus) == 303
    assert press(there, "Ben", "raise_hand", person=ben) == 303
    assert floor.queue(run_of(there)) == (ben,)


def test_whoever_is_given_the_word_in_open_talk_hands_it_on(there: There) -> None:
    talk(there)
    do(there, RaiseHand(there["Gus"].id), RaiseHand(there["Ben"].id))
    assert press(there, "Gus", "next") == 403
    assert press(there, "Ada", "next") == 303
    assert run_of(there).speaker == there["Gus"].id
    assert press(there, "Ben", "next") == 403
    assert press(there, "Gus", "next") == 303
    assert run_of(there).speaker == there["Ben"].id


def test_a_case_is_written_down_by_its_owner_and_the_facilitator(there: There) -> None:
    case(there)
    ben = there["Ben"].id
    assert keep(there, "Eve", "Ben", "question", "How?") == 404
    assert keep(there, "Gus", "Ben", "question", "How?") == 403
    assert keep(there, "Ben", "Gus", "question", "How?") == 403
    assert run_of(there).kept == {}
    assert keep(there, "Ben", "Ben", "question", "How?") == 303
    assert keep(there, "Ada", "Ben", "next_step", " Ask\x00 Gus ") == 303
    assert run_of(there).kept_words(1, ben, "question") == "How?"
    assert run_of(there).kept_words(1, ben, "next_step") == "Ask Gus"
    assert keep(there, "Ada", "Ada", "question", "How?") == 409
    assert keep(there, "Ada", "Ben", "secret", "x") == 422
    assert keep(there, "Ada", "Ben", "question", "x" * 601, "How?") == 422


def test_who_was_removed_presses_nothing_more(there: There) -> None:
    case(there)
    ben = there["Ben"].id
    assert press(there, "Ada", "remove_person", person=ben) == 303
    run = run_of(there)
    assert (ben in run.order, run.speaker) == (False, there["Gus"].id)
    assert keep(there, "Ben", "Ben", "question", "x") == 404
    assert press(there, "Ben", "time_up") == 404


def test_anybodys_page_says_that_time_is_up_and_only_the_clock_is_believed(there: There, wait: Wait) -> None:
    begin(there, Mode.ROUND, ItemSettings(turn_s=60, auto=True), Next())
    before = run_of(there)
    wait(30)
    assert press(there, "Eve", "time_up") == 404
    assert press(there, "Gus", "time_up", seen=before.number) == 303
    assert run_of(there).number == before.number
    wait(31)
    for name in ("Gus", "Ben", "Ada"):  # three pages, and the screen of each is as old
        assert press(there, name, "time_up", seen=before.number) == 303
    assert run_of(there).number == before.number + 1
    assert run_of(there).place == 1


@pytest.mark.parametrize("path", ["item", "item?item=1"])
def test_only_facilitators_see_the_form_of_an_item(there: There, path: str) -> None:
    asked = {name: there[name].client.get(f"/m/{there['Ada'].meeting_id}/{path}") for name in there}
    statuses = {name: answer.status_code for name, answer in asked.items()}
    assert statuses == {"Ada": 200, "Ben": 403, "Gus": 403, "Eve": 404}


# Twice, and at once.


@pytest.mark.parametrize(
    ("state", "what"), [(case, "next_step"), (case, "next_turn"), (grouped, "draw_pairs"), (grouped, "next")]
)
def test_pressed_twice_from_one_screen_is_once(
    there: There, state: Callable[[There], None], what: str
) -> None:
    state(there)
    seen = run_of(there).number
    assert press(there, "Ada", what, seen=seen) == 303
    after = run_of(there)
    assert press(there, "Ada", what, seen=seen) == 303
    assert run_of(there) == after


def test_a_name_pressed_twice_is_one_case(there: There) -> None:
    begin(there, Mode.CASE, CASE)
    for _ in range(2):
        assert press(there, "Ada", "name_owner", person=there["Gus"].id) == 303
    assert run_of(there).order == (there["Gus"].id,)
    assert press(there, "Ada", "name_owner", person=there["Eve"].id) == 409


@pytest.mark.parametrize("what", ["next", "draw_pairs", "time_up"])
def test_two_who_press_at_once_press_once(there: There, wait: Wait, what: str) -> None:
    if what == "draw_pairs":
        begin(there, Mode.PAIRS, ItemSettings())
    else:
        begin(there, Mode.ROUND, ItemSettings(turn_s=60, auto=True, steps=ASKED.steps), Next())
        wait(25)
    assert press(there, "Ada", "make_facilitator", person=there["Ben"].id) == 303
    seen, together, statuses = run_of(there).number, threading.Barrier(2), []
    db.session.rollback()

    def go(client: FreshClient) -> None:
        together.wait(20)
        path = f"/m/{there['Ada'].meeting_id}/press"
        statuses.append(client.post(path, data={"press": what, "seen": seen}).status_code)

    pressers = [threading.Thread(target=go, args=[there[name].client]) for name in ("Ada", "Ben")]
    for presser in pressers:
        presser.start()
    for presser in pressers:
        presser.join(60)
    assert statuses == [303, 303]
    assert run_of(there).number == seen + 1


# The settings of an item, as its form sends them.


def send(there: There, who: str = "Ada", **fields: str) -> int:
    """Send the form of the first item, with what a page fills in."""
    given = {"how": "1", "item": "1", "title": "Round", "prompt": "", "mode": "round", "minutes": "10"}
    return press(there, who, "change_item", **{**given, **fields})


@pytest.mark.parametrize(
    ("time", "seconds"), [("1,5", 90), ("1.5", 90), ("1:30", 90), ("2", 120), (" 0:10 ", 10), ("", None)]
)
def test_a_length_is_given_as_people_write_it(there: There, time: str, seconds: int | None) -> None:
    assert send(there, turn=time) == 303
    assert run_of(there).agenda[0].how == ItemSettings(turn_s=seconds)


@pytest.mark.parametrize(
    "time",
    ["abc", "-1", "0", "0:05", "1:75", "1:3", "241", "9999", "1e3", "٣", "1,2,3", "<script>", "1:30:00"],
)
def test_a_length_that_is_none_is_refused_and_changes_nothing(there: There, time: str) -> None:
    before = run_of(there).number
    assert send(there, turn=time) == 422
    assert send(there, step_0_title="Tell", step_0_time=time) == 422
    assert run_of(there).number == before


@pytest.mark.parametrize(
    "fields",
    [
        {"step_0_time": "1"},  # a step without a title
        {"step_0_title": "Tell", "step_0_time": "1", "step_0_who": "everybody"},
        {"step_0_title": "Tell", "step_0_time": "1", "step_0_keeps": "secret"},
        {"step_0_title": "x" * 121, "step_0_time": "1"},
        {f"step_{row}_title": f"Step {row}" for row in range(13)},
        {"mode": "pairs", "size": "9"},
        {"mode": "pairs", "size": "two"},
        {"mode": "dance"},
        {"title": " "},
        {"minutes": ""},
        {"minutes": "0"},
        {"item": "x"},
    ],
)
def test_a_form_that_is_wrong_is_refused_and_changes_nothing(there: There, fields: dict[str, str]) -> None:
    before = run_of(there).number
    assert send(there, **fields) == 422
    assert run_of(there).number == before


def test_a_form_without_its_fields_is_refused(there: There) -> None:
    assert press(there, "Ada", "change_item", how="1", item="1") == 422
    assert press(there, "Ada", "change_item", how="1") == 422


def test_the_form_of_an_item_that_has_gone_is_refused(there: There) -> None:
    assert press(there, "Ada", "remove_item", item=1) == 303
    assert send(there) == 409


def test_a_member_sends_no_form(there: There) -> None:
    assert [send(there, name) for name in ("Ben", "Eve")] == [403, 404]


def test_twelve_steps_fit_and_their_words_are_shown_as_they_are(there: There) -> None:
    rows = {f"step_{row}_title": f"<script>{row}</script>" for row in range(12)}
    assert send(there, **rows, step_0_time="2", step_1_who="each") == 303
    steps = run_of(there).agenda[0].how.steps
    assert (len(steps), steps[0].seconds, steps[1].who) == (12, 120, StepSpeaker.EACH)
    do(there, Start(), Next())
    for path in ("", "/run", "/item?item=1"):
        page = there["Ada"].client.get(f"/m/{there['Ada'].meeting_id}{path}").text
        assert "<script>0" not in page
        assert "&lt;script&gt;0" in page


def test_of_another_mode_settings_are_not_kept(there: There) -> None:
    wrong = {
        "turn": "2",
        "step_0_title": "Tell",
        "step_0_time": "1",
        "size": "4",
        "each": "on",
        "least_heard": "on",
    }
    assert send(there, mode="writing", **wrong) == 303
    assert run_of(there).agenda[0].how == ItemSettings()
    assert send(there, mode="open", **wrong) == 303
    assert run_of(there).agenda[0].how == ItemSettings(least_heard=True)


def test_a_case_clinic_has_its_eight_steps_by_the_length_that_was_chosen(there: There) -> None:
    assert send(there, mode="case", turn="30") == 303
    assert run_of(there).agenda[0].how == ItemSettings(turn_s=1800, steps=case_steps(30))


def test_another_length_brings_its_own_eight_steps_and_leaves_those_that_were_changed(there: There) -> None:
    fields = shown_fields(there, item=2)
    assert send(there, **{**fields, "turn": "30"}, item="2") == 303
    assert run_of(there).agenda[1].how.steps == case_steps(30)
    fields = shown_fields(there, item=2)
    assert send(there, **{**fields, "turn": "45", "step_0_time": "5"}, item="2") == 303
    steps = run_of(there).agenda[1].how.steps
    assert [step.seconds for step in steps] == [300, *(step.seconds for step in case_steps(30)[1:])]


def test_saving_the_form_as_it_is_changes_nothing_in_any_language(there: There) -> None:
    """Also not the eight steps' other languages."""
    before = run_of(there)
    for locale in ("en", "fi", "sv"):
        client = there["Ada"].client
        client.get(f"/?lang={locale}")
        assert send(there, **shown_fields(there, item=2), item="2") == 303
    assert run_of(there).agenda == before.agenda


def shown_fields(there: There, item: int) -> dict[str, str]:
    """Return what the form of an item sends when nothing in it is changed."""
    from html.parser import HTMLParser

    class Fields(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: dict[str, str] = {}
            self.inside: str | None = None

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            name = given.get("name")
            if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
                self.found[name] = (
                    given.get("value") or "on"
                    if given.get("type") == "checkbox"
                    else given.get("value") or ""
                )
            elif tag in ("select", "textarea") and name:
                self.inside, self.found[name] = name, self.found.get(name, "")
                self.first = tag == "select"
            elif tag == "option" and self.inside and (self.first or "selected" in given):
                self.found[self.inside], self.first = given.get("value") or "", False

        def handle_data(self, data: str) -> None:
            if self.inside and self.lasttag == "textarea":
                self.found[self.inside] += data.removeprefix("\n")

        def handle_endtag(self, tag: str) -> None:
            if tag in ("select", "textarea"):
                self.inside = None

    path = f"/m/{there['Ada'].meeting_id}/item?item={item}"
    page = there["Ada"].client.get(path, headers={"HX-Request": "true"})
    fields = Fields()
    fields.feed(page.text)
    return {
        name.replace("step-", "step_").replace("-", "_") if name.startswith("step-") else name: value
        for name, value in fields.found.items()
    }


# What stays.


def test_cases_are_in_the_record_with_what_was_written_down(there: There, wait: Wait) -> None:
    case(there)
    keep(there, "Ben", "Ben", "question", "How <b>much</b>?")
    keep(there, "Ada", "Ben", "next_step", "Ask Gus")
    assert press(there, "Ada", "end") == 303
    cases = archive.record_of(there["Ada"].meeting_id).of(CASES)
    kept = [(one.person, one.name, one.question, one.next_step) for one in cases]
    assert kept == [(there["Ben"].id, "Ben", "How <b>much</b>?", "Ask Gus")]
    page = there["Gus"].client.get(f"/m/{there['Ada'].meeting_id}").text
    assert "How &lt;b&gt;much&lt;/b&gt;?" in page
    assert "Ask Gus" in page
    markdown = there["Gus"].client.get(f"/m/{there['Ada'].meeting_id}/record.md")
    assert "Ask Gus" in markdown.text


def partners(group_id: int) -> dict[tuple[int, int], int]:
    rows = db.session.scalars(select(Partners).where(Partners.group_id == group_id))
    return {(row.one_id, row.other_id): row.times for row in rows}


def test_who_has_met_whom_is_remembered_at_the_seal_and_once(there: There, wait: Wait) -> None:
    grouped(there)
    meeting_id = there["Ada"].meeting_id
    group_id = db.session.get_one(Meeting, meeting_id).group_id
    ada = db.session.get_one(User, there["Ada"].id)
    archive.close_and_keep(meeting_id, actor=ada)
    archive.reopen(meeting_id, actor=ada)
    archive.close_and_keep(meeting_id, actor=ada)
    assert partners(group_id) == {}
    wait(70)
    assert archive.seal_due() == [meeting_id]
    assert not archive.seal(meeting_id)
    assert archive.seal_due() == []
    ids = sorted(there[name].id for name in ("Ada", "Ben", "Gus"))
    assert partners(group_id) == {(ids[0], ids[1]): 1, (ids[0], ids[2]): 1, (ids[1], ids[2]): 1}


def test_of_groups_drawn_and_drawn_again_the_last_ones_have_met(there: There, wait: Wait) -> None:
    ada, ben, gus = (there[name].id for name in ("Ada", "Ben", "Gus"))
    do(there, PersonLeft(gus, clock.now()))
    begin(there, Mode.PAIRS, ItemSettings(), DrawPairs(((ada, ben),)), PersonCame(gus))
    meeting_id = there["Ada"].meeting_id
    press(there, "Ada", "remove_person", person=ben)
    archive.close_and_keep(meeting_id, actor=db.session.get_one(User, ada))
    wait(70)
    assert archive.seal(meeting_id)
    group_id = db.session.get_one(Meeting, meeting_id).group_id
    assert partners(group_id) == {(ada, gus): 1}


def test_who_began_is_remembered_for_the_next_meeting(there: There, wait: Wait) -> None:
    begin(there, Mode.ROUND, ItemSettings(), Next())
    meeting_id = there["Ada"].meeting_id
    archive.close_and_keep(meeting_id, actor=db.session.get_one(User, there["Ada"].id))
    wait(70)
    assert archive.seal(meeting_id)
    assert db.session.get_one(Meeting, meeting_id).group.started_last_id == there["Ada"].id
    answer = there["Ada"].client.post(f"/m/{meeting_id}/next", data={"template": "single-2"})
    following = int(answer.headers["Location"].rpartition("/")[2])
    assert services.run_of(following).started_last == there["Ada"].id


def test_after_the_seal_nothing_tells_who_spoke_how_long_or_who_was_asked(there: There, wait: Wait) -> None:
    begin(there, Mode.ROUND, ASKED, Next())
    for _ in range(12):
        wait(77)
        press(there, "Ada", "next")
    meeting_id = there["Ada"].meeting_id
    before = everything()
    assert "turn_given" in before
    assert "voice_given" in before
    archive.close_and_keep(meeting_id, actor=db.session.get_one(User, there["Ada"].id))
    wait(70)
    assert archive.seal(meeting_id)
    rest = everything()
    for trace in ("turn_given", "voice_given", "step_entered", "hand_raised", "heard", "allotted", "steps_s"):
        assert trace not in rest, trace
    log = select(MeetingEvent).where(MeetingEvent.meeting_id == meeting_id)
    assert db.session.scalars(log).all() == []
    record = json.dumps(db.session.get_one(RecordRow, meeting_id).data)
    assert '"speaker"' not in record
    assert set(json.loads(record)["sections"]["agenda"][0]) == {
        *("id", "mode", "title", "prompt", "minutes", "actual_minutes", "skipped")
    }


def everything() -> str:
    """Return what stands in the database, all of it as text."""
    from ementor.database import Base

    tables = [db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in Base.metadata.tables]
    return "\n".join(str(row) for rows in tables for row in rows)


def test_a_question_is_no_secret_of_the_room_but_of_the_group(there: There) -> None:
    case(there)
    keep(there, "Ben", "Ben", "question", "Only among us?")
    meeting_id = there["Ada"].meeting_id
    answers = {name: there[name].client.get(f"/m/{meeting_id}/run") for name in ("Gus", "Eve")}
    assert answers["Gus"].status_code == 200
    assert "Only among us?" in answers["Gus"].text
    assert answers["Eve"].status_code == 404
    assert "Only among us?" not in answers["Eve"].text
