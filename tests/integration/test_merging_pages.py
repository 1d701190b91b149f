"""The page that asks whether two are one, and the live pages of both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from ementor import clock, live
from ementor.accounts import services as accounts
from ementor.accounts.models import SignIn, User
from ementor.database import db
from ementor.events import callers
from ementor.groups.models import Membership
from ementor.meetings import services as meetings
from ementor.meetings.background import Background
from ementor.meetings.domain.run import PersonCame
from ementor.meetings.sockets import here
from tests.integration.test_devices import answered, code_on, typed
from tests.support.inside import Socket
from tests.support.people import House, Person, followed, said, shown

ROOM = "/m/1"


def arrived(phone: Any, first: Any) -> str:
    """Make ``phone`` a device of whoever ``first`` is; return where it leads."""
    followed(typed(phone, code_on(first)))
    answered(first, "yes")
    return followed(phone.post("/device/arrive", data={}))


def one(phone: Any, answer: str, **fields: str) -> Any:
    page = shown(phone.get("/me/one?to=/notes"))
    form = {"answer": answer, "to": "/notes", "about": said(page, r'name="about" value="(\w+)"')}
    return phone.post("/me/one", data=form | fields)


def members() -> list[str]:
    query = select(User.name).join(Membership, Membership.user_id == User.id)
    return sorted(db.session.scalars(query.where(Membership.group_id == 1, Membership.ended_at.is_(None))))


@pytest.fixture
def twin(house: House, people: dict[str, Person]) -> Person:
    """Ben on his phone, who came by the link again as Ben 2."""
    return house.person("Ben 2")


def test_a_guest_who_came_twice_becomes_one(people: dict[str, Person], twin: Person) -> None:
    ben, phone = people["Ben"], twin.client
    assert arrived(phone, ben.client).startswith("/me/one?to=")
    before = members()
    page = shown(phone.get("/me/one?to=/notes"))
    assert "Are you also <bdi>Ben 2</bdi>?" in page
    assert "you will appear once, as Ben." in page
    assert members() == before  # a GET changes nothing
    assert followed(one(phone, "yes")) == "/notes"
    assert members() == [name for name in before if name != "Ben 2"]
    for client in (phone, ben.client):
        assert said(shown(client.get(ROOM)), r'data-me="(\d+)"') == str(ben.id)
    assert followed(phone.get("/me/one?to=/notes")) == "/notes"


def test_no_leaves_both_as_they_are_and_ends_the_other_ones_sign_in_here(
    people: dict[str, Person], twin: Person
) -> None:
    ben, phone = people["Ben"], twin.client
    arrived(phone, ben.client)
    before, token = members(), None
    with phone.session_transaction() as session:
        token = session["other"]
    assert followed(one(phone, "no")) == "/notes"
    assert members() == before
    assert accounts.person_of(token) is None
    row = db.session.get(SignIn, accounts.hash_of(token))
    assert row
    assert row.left_at
    assert said(shown(phone.get(ROOM)), r'data-me="(\d+)"') == str(ben.id)
    with phone.session_transaction() as session:
        assert session["left"] == token
        assert "other" not in session


def test_pressed_twice_is_once_and_an_old_page_asks_again(
    app: Flask, people: dict[str, Person], twin: Person
) -> None:
    ben, phone = people["Ben"], twin.client
    arrived(phone, ben.client)
    page = shown(phone.get("/me/one?to=/notes"))
    about = said(page, r'name="about" value="(\w+)"')
    form = {"answer": "yes", "to": "/notes", "about": about}
    assert followed(phone.post("/me/one", data=form | {"about": "another"})).startswith("/me/one")
    assert "Ben 2" in members()
    for _ in range(2):
        assert followed(phone.post("/me/one", data=form)) == "/notes"
    assert members().count("Ben") == 1


def test_nobody_is_merged_who_was_not_on_this_device(people: dict[str, Person], twin: Person) -> None:
    eve, before = people["Eve"].client, members()
    assert followed(eve.get("/me/one?to=/notes")) == "/notes"
    for about in ("", accounts.hash_of("x")[:16]):
        form = {"answer": "yes", "to": "/notes", "about": about, "other": str(twin.id)}
        assert followed(eve.post("/me/one", data=form)) == "/notes"
    assert members() == before


def test_it_leads_to_no_other_site(people: dict[str, Person], twin: Person) -> None:
    assert followed(people["Eve"].client.get("/me/one?to=//evil.example")) == "/"
    arrived(twin.client, people["Ben"].client)
    assert followed(one(twin.client, "yes", to="https://evil.example/")) == "/"


def with_address(person_id: int) -> None:
    found = db.session.get_one(User, person_id)
    found.email = found.email_key = f"{person_id}@example.org"
    db.session.commit()


def test_who_has_an_address_is_merged_only_by_who_has_just_shown_that_it_is_theirs(
    people: dict[str, Person], twin: Person
) -> None:
    ben, phone = people["Ben"], twin.client
    with_address(twin.id)
    arrived(phone, ben.client)
    page = shown(phone.get("/me/one?to=/notes"))
    assert "has an e-mail address" in page
    assert "Yes, that's me" not in page
    assert one(phone, "yes").status_code == 409
    assert "Ben 2" in members()


def test_two_addresses_that_were_both_shown_become_one(
    app: Flask, people: dict[str, Person], twin: Person, wait: Callable[[float], None]
) -> None:
    ben = people["Ben"]
    for who in (ben, twin):
        with_address(who.id)
    db.session.execute(update(SignIn).values(proved_at=clock.now()))
    db.session.commit()
    phone = app.test_client()
    assert arrived(phone, twin.client) == "/notes"
    wait(1800)
    arrived(phone, ben.client)
    page = shown(phone.get("/me/one?to=/notes"))
    assert f"no longer with {twin.id}@example.org" in page
    wait(3601)
    assert one(phone, "yes").status_code == 409
    wait(-3601)
    assert followed(one(phone, "yes")) == "/notes"
    assert db.session.get_one(User, ben.id).email == f"{ben.id}@example.org"
    assert "Ben 2" not in members()


def test_who_was_removed_is_told_why_they_cannot_be_one(people: dict[str, Person], twin: Person) -> None:
    ben, phone = people["Ben"], twin.client
    people["Ada"].client.post(f"{ROOM}/press", data={"press": "remove_person", "person": str(ben.id)})
    arrived(phone, ben.client)
    page = shown(phone.get("/me/one?to=/notes"))
    assert "let you in, but the other person is a member" in page
    assert "Yes, that's me" not in page
    assert one(phone, "yes").status_code == 409


# Live pages


def test_the_page_of_who_is_gone_calls_again_as_who_they_are_now(
    app: Flask, people: dict[str, Person], twin: Person, socket_for: Callable[[str], Socket]
) -> None:
    ben, theirs = people["Ben"], socket_for("Ben 2")
    assert theirs.join()["person"] == twin.id
    assert socket_for("Ben").join()["person"] == ben.id
    laptop = app.test_client()  # they come back on a third device, where Ben 2 is known too
    arrived(laptop, twin.client)
    arrived(laptop, ben.client)
    followed(one(laptop, "yes"))
    assert not theirs.is_connected
    again = socket_for("Ben 2")
    assert again.join()["person"] == ben.id
    run = meetings.run_of(1)
    assert run.present.count(ben.id) == 1
    assert twin.id not in run.people


def test_pages_on_the_device_itself_call_again_with_what_they_were_given_before(
    people: dict[str, Person], twin: Person, socket_for: Callable[[str], Socket]
) -> None:
    arrived(twin.client, people["Ben"].client)
    assert not socket_for("Ben 2").is_connected  # as long as nothing is decided
    followed(one(twin.client, "yes"))
    assert socket_for("Ben 2").join()["person"] == people["Ben"].id


def test_a_process_that_was_not_told_hangs_up_in_its_next_round(
    app: Flask,
    people: dict[str, Person],
    twin: Person,
    socket_for: Callable[[str], Socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dismissed: list[str] = []
    monkeypatch.setattr(live, "dismiss", dismissed.append)
    theirs = socket_for("Ben 2")
    theirs.join()
    sid = next(sid for sid, caller in callers.items() if caller.person_id == twin.id)
    query = select(SignIn).where(SignIn.user_id == twin.id)
    for row in db.session.scalars(query):
        row.user_id = people["Ben"].id
    db.session.commit()
    Background(app.app_context).hang_up()
    assert not theirs.is_connected
    assert sid not in dismissed  # that page would be loaded anew at once, with what it has not saved
    assert sid not in here


def test_words_of_a_case_that_an_older_page_sends_arrive(people: dict[str, Person], twin: Person) -> None:
    ben, ada = people["Ben"], people["Ada"].client
    meetings.record(1, PersonCame(twin.id), actor_id=twin.id)
    ada.post(f"{ROOM}/press", data={"press": "add_item", "mode": "case", "title": "Cases", "minutes": "20"})
    ada.post(f"{ROOM}/press", data={"press": "start"})
    case = next(item for item in meetings.run_of(1).agenda if item.mode == "case")
    ada.post(f"{ROOM}/press", data={"press": "enter_item", "item": str(case.id)})
    ada.post(f"{ROOM}/press", data={"press": "name_owner", "person": str(twin.id)})
    ada.post(f"{ROOM}/press", data={"press": "next"})
    arrived(twin.client, ben.client)
    followed(one(twin.client, "yes"))
    address = f"{ROOM}/case/{case.id}/{twin.id}/question"
    answer = twin.client.post(address, data={"text": "Why?"}, headers={"Prefer": "return=minimal"})
    assert answer.json == {"text": "Why?"}
    assert meetings.run_of(1).kept_words(case.id, ben.id, "question") == "Why?"


def test_two_at_once_are_one(
    two_servers: tuple[Any, Any],
) -> None:
    first, second = two_servers
    house = first.house
    ben, twin = house.person("Ben"), house.person("Ben 2")
    assert arrived(twin.client, ben.client).startswith("/me/one")
    page = shown(twin.client.get("/me/one?to=/notes"))
    form = {"answer": "yes", "to": "/notes", "about": said(page, r'name="about" value="(\w+)"')}
    clients = [second.client_for("Ben 2"), first.client_for("Ben 2")]
    for client in clients:
        client.cookies.update(twin.client.cookies)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda client: client.post("/me/one", data=form), clients))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert said(shown(ben.client.get(f"/m/{ben.meeting_id}")), r'data-me="(\d+)"') == str(ben.id)
