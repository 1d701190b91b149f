"""Two people in the database become one: nothing of either is lost, and nobody is named who is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pycrdt
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.merging import services
from ementor.accounts.models import SignIn, User
from ementor.accounts.personal import ALL, Personal
from ementor.archive import services as archive
from ementor.archive.models import RecordReader, RecordRow
from ementor.database import Base, db
from ementor.errors import Conflict
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Waiting
from ementor.meetings import services as meetings
from ementor.meetings.domain.run import PersonCame
from ementor.meetings.models import Meeting, MeetingEvent, Partners, Presence
from ementor.meetings.services import log
from ementor.notes import document as documents
from ementor.notes import services as notes
from ementor.notes.models import OwnNote, OwnNoteUpdate
from ementor.reflections import services as reflections
from ementor.reflections.models import Answer, NextStep, Reflection, Sharing
from ementor.series.models import Promise, Swap, TaskAnswer, Wish
from ementor.texts import version_of
from ementor.writings.models import Writing
from tests.support.inside import Socket
from tests.support.people import House, Person

FAR = 987_654_321
"""The id of who is gone: it occurs nowhere but where they are named."""


@pytest.fixture
def two(house: House, meeting: Meeting) -> tuple[int, int]:
    """Ben, and "Ben 2" in the same group: kept and gone."""
    return house.person("Ben").id, newcomer(house, "Ben 2").id


def newcomer(house: House, name: str, person_id: int = FAR, *, join: bool = True) -> User:
    person = User(id=person_id, name=name, created_at=clock.now())
    db.session.add(person)
    db.session.commit()
    if join:
        groups.join(group_of(house).join_token, actor=person, name=name)
    return person


def group_of(house: House) -> Group:
    return db.session.get_one(Group, db.session.get_one(Meeting, house.meeting_id).group_id)


def person(person_id: int) -> User:
    return db.session.get_one(User, person_id)


def press(someone: Person, what: str) -> None:
    answer = someone.client.post(f"/m/{someone.meeting_id}/press", data={"press": what})
    assert answer.status_code == 303, answer.text


def rows_that_name(person_id: int) -> list[str]:
    """Return where in the database somebody is named, but for what happened: that is only added to."""
    db.session.commit()
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            said = {
                name: value for name, value in row.items() if (table.name, name) != ("meeting_event", "data")
            }
            if str(person_id) in repr(said):
                found.append(f"{table.name}: {said}")
    return found


# Everything


def example_row(table: sa.Table, owner: sa.Column[Any], about: dict[str, int], other: int) -> dict[str, Any]:
    """Return a row of any table that names a person, about a meeting, date and group."""
    row: dict[str, Any] = {}
    for column in table.columns:
        target = next((key.column for key in column.foreign_keys), None)
        if column is owner:
            row[column.name] = about["user"]
        elif target is not None:
            row[column.name] = other if target.table.name == "user" else about[target.table.name]
        elif (column.primary_key and column.autoincrement is True) or column.name == "id":
            continue
        elif column.name == "duty":
            row[column.name] = "note_keeper" if owner.name == "to_id" else "facilitator"
        elif column.primary_key and owner.primary_key and isinstance(column.type, sa.String):
            row[column.name] = "key"
        elif column.unique or (column.primary_key and isinstance(column.type, sa.String)):
            row[column.name] = f"{table.name}-{about['number']}"[: getattr(column.type, "length", None)]
        elif column.name == "number":
            row[column.name] = about["number"]
        elif isinstance(column.type, sa.LargeBinary):
            row[column.name] = b"\0\0"
        elif isinstance(column.type, sa.JSON):
            row[column.name] = {}
        elif isinstance(column.type, sa.Boolean):
            row[column.name] = False
        elif isinstance(column.type, sa.Integer):
            row[column.name] = 1
        elif isinstance(column.type, sa.String):
            row[column.name] = {"became": "open", "sharing": "named"}.get(column.name, "text")
        elif column.nullable:
            row[column.name] = None
        elif isinstance(column.type, sa.DateTime):
            row[column.name] = clock.now().replace(tzinfo=None)
        else:
            row[column.name] = clock.now()
    return row


UNLIKE = {"membership", "series", "duty_rule", "waiting", "partners", "meeting_event", "search_words"}
"""Tables with rules of their own, tried by themselves below; words to search by are dropped."""


def test_nobody_is_named_who_is_gone_and_no_row_is_lost(
    house: House, two: tuple[int, int], people: dict[str, Person]
) -> None:
    kept, gone = two
    ada = people["Ada"].id
    where = fill(house, kept, gone, ada)
    assert len(rows_that_name(gone)) > 20
    before = {table: len(db.session.execute(select(Base.metadata.tables[table])).all()) for table in where}
    services.merge(kept, gone)
    assert rows_that_name(gone) == []
    for table, twice in where.items():
        after = len(db.session.execute(select(Base.metadata.tables[table])).all())
        assert after == before[table] - twice, table
    assert person(kept).name == "Ben"
    services.merge(kept, gone)  # twice is once
    with pytest.raises(sa.exc.NoResultFound):
        person(gone)


def fill(house: House, kept: int, gone: int, other: int) -> dict[str, int]:
    """Let both be named in each table, in one place together and in others alone.

    Answers table → how many rows there are of one thing that both have.
    """
    group_id, now = group_of(house).id, clock.now()
    made = {"group_id": group_id, "created_at": now, "title": {}, "own_closing": {}, "sealed": True}
    held = sa.insert(Meeting).returning(Meeting.id)
    ids = [db.session.scalar(held, {**made, "ended_at": now}) for _ in "ab"]
    planned_table = Base.metadata.tables["planned_meeting"]
    planned = []
    for number, meeting_id in enumerate(ids):
        record = {
            "meeting_id": meeting_id,
            "kept_at": now,
            "readers": "members",
            "data": record_of(kept, gone),
        }
        db.session.execute(sa.insert(RecordRow), record)
        row = {"group_id": group_id, "uid": f"u{number}", "wall": now.replace(tzinfo=None), "minutes": 60}
        row |= {"title": {}, "version": 1, "sequence": 0, "changed_at": now, "kept": "planned", "bring": ""}
        row |= {"task": "", "handed_out": False}
        planned.append(db.session.scalar(sa.insert(planned_table).returning(planned_table.c.id), row))
    found, number = {}, 100
    for table in Base.metadata.sorted_tables:
        for owner in [c for c in table.columns if any(k.column.table.name == "user" for k in c.foreign_keys)]:
            if table.name in UNLIKE:
                continue
            for who, place in ((kept, 0), (gone, 0), (gone, 1)):
                number += 1
                about = {"user": who, "meeting": ids[place], "record": ids[place], "number": number}
                about |= {"mentoring_group": group_id, "planned_meeting": planned[place]}
                if (table.name, who) in {("swap", kept), ("on_duty", kept)}:
                    continue  # of one date one person has a duty
                if (table.name, place) == ("willing", 1):
                    continue  # of one group there is one row for each, however many dates
                db.session.execute(sa.insert(table), example_row(table, owner, about, other))
            is_join = owner.primary_key and table.name not in {"on_duty", "own_note_update"}
            found[table.name] = 1 if is_join else 0
    db.session.commit()
    return found


def record_of(kept: int, gone: int) -> dict[str, Any]:
    there = [{"id": who, "name": name, "role": None} for who, name in ((gone, "Ben 2"), (kept, "Ben"))]
    answers = [
        {"person": who, "name": name, "text": f"{name} says"}
        for who, name in ((kept, "Ben"), (gone, "Ben 2"))
    ]
    question = {"key": "1", "text": {"": "What?"}, "answers": answers}
    return {
        "version": 2,
        "title": {"": "Past"},
        "group": "Circle",
        "started_at": None,
        "ended_at": "2026-11-01T12:00:00+00:00",
        "quiet_since": None,
        "revealed": True,
        "people": there,
        "sections": {
            "reflection": {"questions": [question], "scale": {}, "picture": None},
            "steps": [{**one, "text": f"{one['name']} calls"} for one in answers],
            "cases": [
                {"item": 1, "title": {}, "person": gone, "name": "Ben 2", "question": "Why?", "next_step": ""}
            ],
        },
    }


def test_a_record_has_one_of_the_two_and_the_words_of_both(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    fill(house, kept, gone, house.person("Ada").id)
    services.merge(kept, gone)
    for row in db.session.scalars(select(RecordRow)):
        assert row.data["people"] == [{"id": kept, "name": "Ben", "role": None}]
        steps = row.data["sections"]["steps"]
        assert steps == [{"person": kept, "name": "Ben", "text": "Ben calls\n\nBen 2 calls"}]
        answers = row.data["sections"]["reflection"]["questions"][0]["answers"]
        assert [(one["person"], one["name"]) for one in answers] == [(kept, "Ben"), (kept, "Ben 2")]
        assert row.data["sections"]["cases"][0]["person"] == kept
        archive.record_of(row.meeting_id)


def test_what_fails_in_the_middle_has_not_happened(
    house: House, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = two
    fill(house, kept, gone, house.person("Ada").id)
    before = rows_that_name(gone)

    def fail(one: int, other: int) -> None:
        raise RuntimeError("the last one stumbles")

    broken = Personal("broken", (), fail, lambda person: [])
    monkeypatch.setattr(services, "ALL", [*ALL, broken])
    with pytest.raises(RuntimeError):
        services.merge(kept, gone)
    assert rows_that_name(gone) == before


def test_a_feature_that_was_forgotten_is_noticed_before_anything_is_lost(
    house: House, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = two
    fill(house, kept, gone, house.person("Ada").id)
    before = rows_that_name(gone)
    for left_out in ALL:
        rest = [one for one in ALL if one is not left_out]
        monkeypatch.setattr(services, "ALL", rest)
        with pytest.raises(RuntimeError, match="left out"):
            services.merge(kept, gone)
    assert rows_that_name(gone) == before


# Memberships


def membership(group_id: int, person_id: int) -> Membership | None:
    query = select(Membership).where(Membership.group_id == group_id, Membership.user_id == person_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def test_two_memberships_are_one_and_the_second_name_is_free(
    house: House, two: tuple[int, int], people: dict[str, Person]
) -> None:
    kept, gone = two
    group_id = group_of(house).id
    mine, theirs = membership(group_id, kept), membership(group_id, gone)
    assert mine
    assert theirs
    since = mine.joined_at = theirs.joined_at.replace(year=2027)
    theirs.facilitator, theirs.for_meeting_id = True, None
    mine.facilitator, mine.for_meeting_id = True, house.meeting_id
    earliest = theirs.joined_at
    db.session.commit()
    services.merge(kept, gone)
    one = membership(group_id, kept)
    assert one
    assert (one.joined_at, one.facilitator, one.for_meeting_id) == (earliest, True, None)
    assert one.joined_at < since
    groups.join(group_of(house).join_token, actor=newcomer(house, "Ben 2", FAR + 1, join=False), name="Ben 2")


def test_a_group_of_the_other_one_is_theirs_too_under_a_name_that_is_free_there(
    house: House, meeting: Meeting, people: dict[str, Person]
) -> None:
    other = newcomer(house, "Carl", join=False)
    group = groups.make_group("Elsewhere", actor=other, locale="en")
    namesake = newcomer(house, "Ben", FAR + 1, join=False)
    groups.join(group.join_token, actor=namesake, name="Ben")
    kept = people["Ben"].id
    told = services.warnings(asked(kept, other))
    assert any("you will be called Carl" in line for line in told)
    services.merge(kept, other.id)
    assert person(kept).name == "Carl"
    assert membership(group.id, kept)
    assert membership(group.id, kept).facilitator
    assert membership(group_of(house).id, kept).name_key == "carl"  # type: ignore[union-attr]


def asked(kept: int, other: User) -> services.Asked:
    token = accounts.sign_in(other, proved_at=clock.now()).token
    found = services.asked(token, actor=person(kept))
    assert found
    return found


def test_who_was_removed_does_not_come_back_as_a_member(
    house: House, two: tuple[int, int], people: dict[str, Person]
) -> None:
    kept, gone = two
    group_id, ada = group_of(house).id, person(people["Ada"].id)
    groups.remove(group_id, kept, actor=ada)
    with pytest.raises(Conflict):
        services.merge(kept, gone)
    assert membership(group_id, gone).ended_at is None  # type: ignore[union-attr]
    assert membership(group_id, kept).ended_at is not None  # type: ignore[union-attr]


def test_a_member_stays_what_they_are_and_gains_nothing_by_who_was_removed(
    house: House, two: tuple[int, int], people: dict[str, Person]
) -> None:
    kept, gone = two
    group_id, ada = group_of(house).id, person(people["Ada"].id)
    before, theirs = membership(group_id, kept), membership(group_id, gone)
    assert before
    assert theirs
    joined_at = before.joined_at
    theirs.joined_at = joined_at.replace(year=2020)
    theirs.facilitator = True
    db.session.commit()
    groups.remove(group_id, gone, actor=ada)
    told = services.warnings(asked(kept, person(gone)))
    assert any("You stay in it as you are" in line for line in told)
    services.merge(kept, gone)
    one = membership(group_id, kept)
    assert one
    assert (one.joined_at, one.facilitator, one.ended_at) == (joined_at, False, None)


@pytest.mark.parametrize("refused", ["kept", "gone"])
def test_of_two_who_wait_a_refusal_stays(house: House, people: dict[str, Person], refused: str) -> None:
    group, kept = group_of(house), newcomer(house, "Dan", FAR + 1, join=False)
    gone = newcomer(house, "Dan 2", join=False)
    for one in (kept, gone):
        is_it = (one is kept) == (refused == "kept")
        row = Waiting(group_id=group.id, user_id=one.id, since=clock.now())
        row.refused_at = clock.now() if is_it else None
        db.session.add(row)
    db.session.commit()
    services.merge(kept.id, gone.id)
    row = db.session.get_one(Waiting, (group.id, kept.id), populate_existing=True)
    assert row.refused_at is not None


def test_who_was_refused_does_not_come_in_as_a_member(
    house: House, two: tuple[int, int], people: dict[str, Person]
) -> None:
    refused = newcomer(house, "Dan", FAR + 1, join=False)
    group_id = group_of(house).id
    db.session.add(Waiting(group_id=group_id, user_id=refused.id, since=clock.now(), refused_at=clock.now()))
    db.session.commit()
    with pytest.raises(Conflict):
        services.merge(refused.id, two[1])
    assert membership(group_id, refused.id) is None


# What both wrote


def test_both_texts_are_kept_and_the_more_private_choice_wins(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    at = house.meeting_id
    for who, text, sharing, number in ((kept, "Mine", "named", 4), (gone, "Theirs", "private", 2)):
        db.session.add(Answer(meeting_id=at, user_id=who, question="1", text=text, sharing=sharing))
        db.session.add(Answer(meeting_id=at, user_id=who, question="3", number=number))
        db.session.add(NextStep(meeting_id=at, user_id=who, text=f"{text} step", mine_only=who == gone))
        db.session.add(Reflection(meeting_id=at, user_id=who, done_at=clock.now() if who == kept else None))
        db.session.add(TaskAnswer(meeting_id=at, user_id=who, text=text, shared=who == kept))
        db.session.add(Promise(meeting_id=at, user_id=who, became="done" if who == kept else "open"))
        db.session.add(
            Writing(
                meeting_id=at, user_id=who, item_id=1, text=text, number=3, answers={"1": number, text: 1}
            )
        )
    db.session.commit()
    services.merge(kept, gone)
    mine = reflections.mine(at, kept)
    assert mine.texts["1"] == "Mine\n\nTheirs"
    assert mine.sharings["1"] is Sharing.PRIVATE
    assert (mine.number, mine.step, mine.step_is_mine, mine.done) == (
        4,
        "Mine step\n\nTheirs step",
        True,
        False,
    )
    task = db.session.get_one(TaskAnswer, (at, kept))
    assert (task.text, task.shared) == ("Mine\n\nTheirs", False)
    assert db.session.get_one(Promise, (at, kept)).became == "open"
    row = db.session.get_one(Writing, (at, kept, 1))
    assert (row.text, row.other) == ("Mine", "Theirs")
    assert row.answers == {"1": 4, "Mine": 1, "Theirs": 1}
    assert row.number > 3  # neither page has seen it, so nothing is written over


@pytest.mark.parametrize("who", ["kept", "gone"])
def test_a_step_of_two_is_done_once_both_are(house: House, two: tuple[int, int], who: str) -> None:
    kept, gone = two
    at = house.meeting_id
    for one in two:
        db.session.add(NextStep(meeting_id=at, user_id=one, text=f"Step {one}"))
    db.session.add(Promise(meeting_id=at, user_id=kept if who == "kept" else gone, became="done"))
    db.session.commit()
    services.merge(kept, gone)
    assert db.session.get_one(Promise, (at, kept)).became == "open"


def test_pages_of_both_go_on_writing_their_answers(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    at = house.meeting_id
    for who, text in ((kept, "Mine"), (gone, "Theirs")):
        given = reflections.Given(texts={"1": text}, tab=text)
        reflections.save(at, given, actor=person(who))
    services.merge(kept, gone)
    for before, text in (("Mine", "Mine goes on"), ("Theirs", "Theirs goes on")):
        given = reflections.Given(texts={"1": text}, tab=before, seen={"text-1": (version_of(before),)})
        mine = reflections.save(at, given, actor=person(kept))
    assert mine.texts["1"] == "Mine goes on\n\nTheirs goes on"


def test_a_duty_that_one_asked_the_other_to_take_is_asked_of_nobody(
    house: House, two: tuple[int, int]
) -> None:
    kept, gone = two
    fill(house, kept, gone, house.person("Ada").id)
    db.session.execute(sa.update(Swap).values(from_id=kept, to_id=gone))
    db.session.commit()
    services.merge(kept, gone)
    assert db.session.scalar(select(func.count()).select_from(Swap)) == 0


def test_how_often_two_have_talked_is_added_up(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    group_id, ada = group_of(house).id, house.person("Ada").id
    for one, other, times in ((ada, kept, 2), (ada, gone, 3), (kept, gone, 9)):
        one, other = sorted((one, other))
        db.session.add(Partners(group_id=group_id, one_id=one, other_id=other, times=times))
    db.session.commit()
    services.merge(kept, gone)
    rows = db.session.execute(select(Partners.one_id, Partners.other_id, Partners.times)).all()
    assert [tuple(row) for row in rows] == [(ada, kept, 5)]


# The running room


def test_a_running_round_goes_on_with_one_turn(
    app: Flask, house: House, two: tuple[int, int], socket_for: Callable[[str], Socket]
) -> None:
    kept, gone = two
    ada = house.person("Ada")
    assert socket_for("Ada").join()["ok"]
    assert socket_for("Ben").join()["ok"]
    meetings.record(house.meeting_id, PersonCame(gone), actor_id=gone)
    press(ada, "start")
    while not meetings.run_of(house.meeting_id).has_turns:
        press(ada, "next_item")
    press(ada, "next")
    run = meetings.run_of(house.meeting_id)
    assert {kept, gone} <= set(run.order)
    services.merge(kept, gone)
    after = meetings.run_of(house.meeting_id)
    assert after.order.count(kept) == after.present.count(kept) == 1
    assert gone not in {*after.order, *after.people}
    assert after.speaker == (kept if run.speaker == gone else run.speaker)
    log._runs.clear()
    assert meetings.run_of(house.meeting_id) == after
    assert meetings.who_is_now(house.meeting_id, gone) == kept


def test_a_merge_after_the_end_is_in_the_record_and_in_the_meeting_that_goes_on(
    house: House, two: tuple[int, int], wait: Callable[[float], None]
) -> None:
    kept, gone = two
    ada = house.person("Ada")
    meetings.record(house.meeting_id, PersonCame(gone), actor_id=gone)
    press(ada, "start")
    press(ada, "end")
    services.merge(kept, gone)
    assert [one.id for one in archive.record_of(house.meeting_id).people].count(kept) == 1
    assert db.session.get(RecordReader, (house.meeting_id, kept))
    press(ada, "reopen")
    assert kept in meetings.run_of(house.meeting_id).people
    press(ada, "end")
    wait(70)
    assert archive.seal_due() == [house.meeting_id]
    assert rows_that_name(gone) == []


# Notes


class Page:
    """A page of somebody's that writes notes, as the editor does."""

    def __init__(self, meeting_id: int, who: int, *, own: bool = True) -> None:
        self.meeting_id, self.who, self.own = meeting_id, who, own
        self.doc = pycrdt.Doc[Any]()
        self.mine: list[bytes] = []
        self.listening = self.doc.observe(lambda event: self.mine.append(event.update))
        self.sync()

    @property
    def text(self) -> Any:
        return self.doc.get(documents.MINE if self.own else documents.GENERAL, type=pycrdt.Text)

    def sync(self) -> None:
        copy = notes.sync(self.meeting_id, self.doc.get_state(), actor=person(self.who), own=self.own)
        self.doc.apply_update(copy.update)
        self.mine.clear()

    def write(self, words: str, at: int = 0) -> None:
        self.text.insert(at, words)
        self.send()

    def send(self) -> None:
        while self.mine:
            update = self.mine.pop(0)
            notes.add_update(self.meeting_id, update, actor=person(self.who), own=self.own)


def test_own_notes_of_both_are_one_document_and_both_pages_go_on(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    mine, theirs = Page(house.meeting_id, kept), Page(house.meeting_id, gone)
    mine.write("My first 😀\nMy last ä")
    theirs.write("Their first ö\nTheir last 😀")
    theirs.text.insert(0, "Unsent. ")  # not on its way yet when they become one
    services.merge(kept, gone)
    theirs.who = kept
    theirs.send()
    mine.write("Still me. ")
    for page in (mine, theirs):
        page.sync()
    assert str(mine.text) == str(theirs.text)
    lines = [line for line in str(mine.text).split("\n") if line]
    assert sorted(lines) == sorted(
        ["Still me. My first 😀", "My last ä", "Unsent. Their first ö", "Their last 😀"]
    )
    notes.documents_in_memory().clear()
    assert str(notes.document_of(house.meeting_id, kept)._doc.get("mine", type=pycrdt.Text)) == str(mine.text)
    assert db.session.scalar(select(func.count()).where(OwnNoteUpdate.owner_id == gone)) == 0


def test_own_notes_that_only_one_has_just_move(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    Page(house.meeting_id, gone).write("Only theirs")
    services.merge(kept, gone)
    assert notes.own_html(house.meeting_id, actor=person(kept)) == "<p>Only theirs</p>"


def test_kept_own_notes_of_both_stand_one_below_the_other(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    for who, words in ((kept, "Mine"), (gone, "Theirs")):
        db.session.add(OwnNote(meeting_id=house.meeting_id, owner_id=who, html=f"<p>{words}</p>"))
    db.session.commit()
    services.merge(kept, gone)
    assert db.session.get_one(OwnNote, (house.meeting_id, kept)).html == "<p>Mine</p><p>Theirs</p>"


def test_who_is_gone_goes_on_writing_in_the_groups_notes_as_who_they_are_now(
    house: House, two: tuple[int, int]
) -> None:
    kept, gone = two
    theirs = Page(house.meeting_id, gone, own=False)
    theirs.write("Before. ")
    theirs.sync()  # so that the server's copy knows whose it was
    services.merge(kept, gone)
    theirs.who = kept
    theirs.write("After. ", 8)
    notes.documents_in_memory().clear()
    theirs.write("Again. ", 15)
    assert notes.html_of(house.meeting_id)["general"] == "<p>Before. After. Again. </p>"


def test_nobody_else_writes_under_their_ids(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    theirs = Page(house.meeting_id, gone, own=False)
    theirs.write("Before. ")
    services.merge(kept, gone)
    theirs.who = house.person("Gus").id
    with pytest.raises(notes.UpdateRefused):
        theirs.write("Forged. ")


# Devices


def test_all_devices_of_both_go_on_as_one(app: Flask, house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    tokens = [accounts.sign_in(person(who)).token for who in (kept, gone, gone)]
    services.merge(kept, gone)
    for token in tokens:
        assert token
        found = accounts.person_of(token)
        assert found
        assert found.id == kept


def test_the_address_of_who_is_gone_stays_when_there_is_no_other(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    person(gone).email, person(gone).email_key = "b@example.org", "b@example.org"
    db.session.commit()
    services.merge(kept, gone)
    assert (person(kept).email, person(kept).email_key) == ("b@example.org", "b@example.org")


def test_presence_and_deeds_are_the_kept_ones(
    house: House, two: tuple[int, int], socket_for: Callable[[str], Socket]
) -> None:
    kept, gone = two
    db.session.add(Presence(sid="somewhere", meeting_id=house.meeting_id, user_id=gone, seen_at=clock.now()))
    meetings.record(house.meeting_id, PersonCame(gone), actor_id=gone)
    db.session.commit()
    services.merge(kept, gone)
    assert db.session.get_one(Presence, "somewhere").user_id == kept
    acted = db.session.scalars(select(MeetingEvent.actor_id).distinct())
    assert gone not in set(acted)


def test_wishes_move(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    wish = Wish(group_id=group_of(house).id, user_id=gone, text="Feedback", created_at=clock.now())
    db.session.add(wish)
    db.session.commit()
    services.merge(kept, gone)
    db.session.refresh(wish)
    assert wish.user_id == kept


def test_the_sign_ins_are_counted_once(house: House, two: tuple[int, int]) -> None:
    kept, gone = two
    before = db.session.scalar(select(func.count()).select_from(SignIn))
    services.merge(kept, gone)
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == before


def test_what_is_written_meanwhile_is_all_there(app: Flask, house: House, meeting: Meeting) -> None:
    two = house.person("Ben"), house.person("Ben 2")
    pages, begun = [Page(house.meeting_id, one.id) for one in two], threading.Barrier(3)

    def write(page: Page, someone: Person) -> list[str]:
        socket, said = Socket(app, someone), []
        begun.wait()
        for number in range(60):
            page.text.insert(len(str(page.text)) - 1, f"w{someone.id}x{number}e ")
            update = page.mine.pop()
            while True:
                try:
                    answer = socket.ask("own:update", house.meeting_id, update)
                except RuntimeError:  # hung up: as every page it calls again
                    socket = Socket(app, someone)
                    continue
                if answer.get("error") != "gap":
                    break
                socket.ask("own:sync", house.meeting_id, page.doc.get_state(), documents.SCHEMA)
            assert answer["ok"], answer
            said.append(f"w{someone.id}x{number}e")
            time.sleep(0.002)  # as fast as somebody types, so that the merge comes while they write
        return said

    def merge() -> None:
        with app.app_context():
            begun.wait()
            services.merge(two[0].id, two[1].id)

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, *each) for each in zip(pages, two, strict=True)]
        pool.submit(merge).result()
        said = [word for writer in writers for word in writer.result()]
    db.session.rollback()
    notes.documents_in_memory().clear()
    text = notes.own_html(house.meeting_id, actor=person(two[0].id))
    assert [word for word in said if text.count(word) != 1] == []
