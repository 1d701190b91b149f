"""Who may read a record: the group decides, and what was said while people wrote holds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ementor import clock
from ementor.accounts.merging import services as merging
from ementor.accounts.models import User
from ementor.archive import readers, services
from ementor.archive.models import RecordRow
from ementor.database import db
from ementor.errors import NotAllowed
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, Readers
from ementor.meetings.models import Meeting
from ementor.notes import services as notes
from ementor.notes.document import Block, written
from ementor.reflections.models import NextStep
from ementor.series import promises
from tests.support.people import House, Person, followed, shown

Wait = Callable[[float], None]


def decide(person: Person, which: Readers, *, newcomers: bool = False) -> Any:
    """Let a facilitator choose in the settings' form."""
    form = {"name": "Circle", "entry": "open", "greeting": "", "everybody_runs": ""}
    form |= {"readers": which.value, "newcomers_read": "yes" if newcomers else ""}
    return person.client.post(f"/m/{person.meeting_id}/group", data=form)


def press(person: Person, what: str) -> None:
    assert person.client.post(f"/m/{person.meeting_id}/press", data={"press": what}).status_code == 303


def status(person: Person, path: str = "") -> int:
    return int(person.client.get(f"/m/{person.meeting_id}{path}").status_code)


@pytest.fixture
def held(people: dict[str, Person], wait: Wait) -> dict[str, Person]:
    """Ada's meeting has ended and is sealed; Ben did something in it and Gus did not."""
    ada, ben = people["Ada"], people["Ben"]
    press(ada, "start")
    assert ben.client.post(f"/m/{ben.meeting_id}/reflection", data={"text-1": "words"}).status_code == 303
    press(ada, "end")
    wait(70)
    services.seal_due()
    return people


def test_who_was_a_member_then_reads_it_and_is_told_of_their_absence(held: dict[str, Person]) -> None:
    assert [status(held[name]) for name in ("Ada", "Ben", "Gus")] == [200, 200, 200]
    assert status(held["Gus"], "/record.md") == 200
    meeting_id, eve = held["Ada"].meeting_id, held["Eve"].client
    assert [eve.get(f"/m/{meeting_id}{path}").status_code for path in ("", "/record.md")] == [404, 404]


def test_who_comes_later_reads_it_only_where_the_group_lets_them(
    held: dict[str, Person], house: House
) -> None:
    decide(held["Ada"], Readers.MEMBERS)
    meeting_id, client = held["Ada"].meeting_id, house.new_client()
    assert followed(client.post(house.join_path, data={"name": "Zoe"})).startswith("/g/")
    row = db.session.query(User).filter_by(name="Zoe").one()
    zoe = Person("Zoe", row.id, meeting_id, "", client)
    assert status(zoe) == 403
    assert readers.may_read(row, meeting_id) is False
    decide(held["Ada"], Readers.MEMBERS, newcomers=True)
    assert status(zoe) == 200
    decide(held["Ada"], Readers.PRESENT, newcomers=True)
    assert status(zoe) == 403


def test_the_group_can_be_stricter_at_once_and_go_back_to_what_was_said(held: dict[str, Person]) -> None:
    decide(held["Ada"], Readers.PRESENT)
    assert [status(held[name]) for name in ("Ada", "Ben", "Gus")] == [200, 200, 403]
    decide(held["Ada"], Readers.MEMBERS)
    assert status(held["Gus"]) == 200


@pytest.mark.parametrize("widened", ["before the end", "after it"])
def test_what_was_said_to_be_for_those_who_were_there_stays_so(
    people: dict[str, Person], wait: Wait, widened: str
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    decide(ada, Readers.PRESENT)
    press(ada, "start")
    page = shown(ben.client.get(f"/m/{ben.meeting_id}"))
    assert "Readers: only those who are here now" in page
    ben.client.post(f"/m/{ben.meeting_id}/reflection", data={"text-1": "words"})
    if widened == "before the end":
        decide(ada, Readers.MEMBERS)
        assert "Readers: only those who are here now" in shown(ben.client.get(f"/m/{ben.meeting_id}"))
    press(ada, "end")
    wait(70)
    services.seal_due()
    decide(ada, Readers.MEMBERS, newcomers=True)
    assert [status(people[name]) for name in ("Ada", "Ben", "Gus")] == [200, 200, 403]


def test_who_has_left_reads_no_more(held: dict[str, Person]) -> None:
    ben = held["Ben"]
    data = {"press": "remove_person", "person": str(ben.id)}
    assert held["Ada"].client.post(f"/m/{ben.meeting_id}/press", data=data).status_code in {200, 303, 409}
    member = db.session.query(Membership).filter_by(user_id=ben.id).one()
    member.ended_at = member.ended_at or clock.now()
    db.session.commit()
    assert status(ben) == 404
    assert readers.may_read(db.session.get_one(User, ben.id), ben.meeting_id) is False


def test_who_was_removed_and_comes_in_as_somebody_new_reads_nothing_from_before(
    held: dict[str, Person], house: House
) -> None:
    ada, ben, client = held["Ada"], held["Ben"], house.new_client()
    decide(ada, Readers.MEMBERS)
    followed(client.post(house.join_path, data={"name": "Zoe"}))
    row = db.session.query(User).filter_by(name="Zoe").one()
    group_id = db.session.get_one(Meeting, ada.meeting_id).group_id
    groups.remove(group_id, ben.id, actor=db.session.get_one(User, ada.id))
    merging.merge(row.id, ben.id)
    assert readers.was_there(row, ada.meeting_id)  # their own words are in their data
    assert status(Person("Zoe", row.id, ada.meeting_id, "", client)) == 403
    assert client.get(f"/g/{group_id}/notes.md").status_code == 404


def test_the_settings_say_what_is_chosen_and_refuse_what_is_not_there(held: dict[str, Person]) -> None:
    ada = held["Ada"]
    group = db.session.get_one(Meeting, ada.meeting_id).group
    decide(ada, Readers.PRESENT, newcomers=True)
    assert (group.readers, group.newcomers_read) == ("present", True)
    form = {"name": "Circle", "entry": "open", "greeting": "", "readers": "all"}
    answer = ada.client.post(f"/m/{ada.meeting_id}/group", data=form)
    assert answer.status_code == 422
    assert "Choose who can read the record." in answer.text
    del form["readers"]  # a page from before this was asked
    assert ada.client.post(f"/m/{ada.meeting_id}/group", data=form).status_code == 303
    assert (group.readers, group.newcomers_read) == ("present", True)
    assert decide(held["Ben"], Readers.MEMBERS).status_code == 403
    assert decide(held["Eve"], Readers.MEMBERS).status_code in {303, 404}  # of her own group
    assert group.readers == "present"


def test_the_query_and_the_rule_say_the_same_of_every_case(held: dict[str, Person]) -> None:
    meeting = db.session.get_one(Meeting, held["Ada"].meeting_id)
    row = db.session.get_one(RecordRow, meeting.id)
    group = db.session.get_one(Group, meeting.group_id)
    assert meeting.ended_at is not None
    cases = itertools.product(("Ben", "Gus"), Readers, Readers, (False, True), (-1, 1), (False, True))
    for name, said, now, newcomers, joined, left in cases:
        person = db.session.get_one(User, held[name].id)
        member = db.session.query(Membership).filter_by(user_id=person.id).one()
        row.readers, group.readers, group.newcomers_read = said, now, newcomers
        member.joined_at = meeting.ended_at + timedelta(hours=joined)
        member.ended_at = clock.now() if left else None
        db.session.commit()
        there = name == "Ben" and joined < 0
        for_all = Readers.PRESENT not in {said, now} and (joined < 0 or newcomers)
        assert readers.may_read(person, meeting.id) == (not left and (there or for_all))


def test_what_was_in_the_room_is_for_its_readers_once_the_meeting_has_ended(
    people: dict[str, Person], house: House
) -> None:
    ada, ben, gus = (people[name] for name in ("Ada", "Ben", "Gus"))
    meeting_id = ada.meeting_id
    decide(ada, Readers.PRESENT)
    press(ada, "start")
    answer = {"text-1": "ECHO", "sharing-1": "named", "step": "TANGO"}
    assert ben.client.post(f"/m/{meeting_id}/reflection", data=answer).status_code == 303
    press(ada, "reveal")
    actor = db.session.get_one(User, ben.id)
    before = notes.sync(meeting_id, b"\0", actor=actor).update
    notes.add_update(meeting_id, written(before, "general", [Block(runs=[("SIERRA", {})])]), actor=actor)
    press(ada, "end")
    assert "ECHO" in shown(ben.client.get(f"/m/{meeting_id}/reflection"))
    client = house.new_client()
    followed(client.post(house.join_path, data={"name": "Zoe"}))
    others = [gus.client, client]
    for path in ("", "/reflection", "/run", "/glance", "/writing", "/record.md"):
        for one in others:
            answer = one.get(f"/m/{meeting_id}{path}")
            assert answer.status_code in {403, 404}, (path, answer.status_code)
    with pytest.raises(NotAllowed):
        notes.sync(meeting_id, b"\0", actor=db.session.get_one(User, gus.id))


def test_who_may_not_read_a_record_sees_no_steps_of_its_meeting(held: dict[str, Person]) -> None:
    ada, ben, gus = (held[name] for name in ("Ada", "Ben", "Gus"))
    group_id = db.session.get_one(Meeting, ada.meeting_id).group_id
    db.session.add(NextStep(meeting_id=ben.meeting_id, user_id=ben.id, text="TANGO", mine_only=False))
    db.session.commit()

    def others_of(person: Person) -> list[str]:
        return [one.text for one in promises.of_group(group_id, person.id).others]

    assert others_of(gus) == ["TANGO"]
    decide(ada, Readers.PRESENT)
    assert [others_of(one) for one in (ada, gus)] == [["TANGO"], []]
    assert [one.text for one in promises.of_group(group_id, ben.id).mine] == ["TANGO"]
