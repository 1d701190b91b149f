"""At the door, in the room and out of it: waiting, being let in, refused or removed, hats and roles."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor import clock, live
from ementor.accounts.models import User
from ementor.database import db
from ementor.errors import Conflict, NotAllowed, NotFound
from ementor.groups import policy, ways
from ementor.groups import services as groups
from ementor.groups.models import Group, Membership, OldLink, Waiting
from ementor.groups.services import door
from ementor.meetings.background import Background
from ementor.meetings.models import Meeting, Presence
from ementor.meetings.services import people as room
from ementor.meetings.services import run_of
from tests.support.inside import FreshClient, Socket
from tests.support.people import House, Person, followed, shown

HTMX = {"HX-Request": "true"}
SETTINGS = {
    "name": "Ada's group",
    "entry": "ask",
    "greeting": "Hei, hetki vain.\nWe open soon.",
    "press": "save",
}


def press(who: Person, what: str, **fields: Any) -> Any:
    return who.client.post(f"/m/{who.meeting_id}/press", data={"press": what, **fields}, headers=HTMX)


def settings_of(person: Person, **changes: str) -> Any:
    return person.client.post(f"/m/{person.meeting_id}/group", data=SETTINGS | changes, headers=HTMX)


def page(person: Person) -> str:
    return shown(person.client.get(f"/m/{person.meeting_id}"))


def person_row(person: Person) -> User:
    return db.session.get_one(User, person.id)


@pytest.fixture
def group(meeting: Meeting) -> Group:
    return db.session.get_one(Group, meeting.group_id)


@pytest.fixture
def ask(people: dict[str, Person], house: House, app: Flask) -> Callable[..., FreshClient]:
    """``ask("Zoe")``: a client at the door of Ada's group, where everybody new waits."""
    assert settings_of(people["Ada"]).status_code == 200

    def come(name: str, client: FreshClient | None = None) -> FreshClient:
        client = client or app.test_client()
        assert followed(client.post(link(), data={"name": name})) == f"/waiting/{group_id()}"
        return client

    def group_id() -> int:
        return db.session.get_one(Meeting, house.meeting_id).group_id

    def link() -> str:
        db.session.rollback()
        group = db.session.get_one(Group, group_id(), populate_existing=True)
        return f"/j/{group.join_token}"

    return come


def waiting_id(name: str) -> int:
    query = select(Waiting.user_id).join(User, User.id == Waiting.user_id).where(User.name == name)
    return db.session.scalars(query).one()


# Waiting


def test_who_waits_sees_the_greeting_and_nothing_of_the_group(
    people: dict[str, Person], ask: Callable[..., FreshClient], app: Flask, house: House, group: Group
) -> None:
    stranger = app.test_client()
    asked = shown(stranger.get(f"/j/{group.join_token}"))
    zoe = ask("Zoe", stranger)
    waits = shown(zoe.get(f"/waiting/{group.id}"))
    for text in (asked, waits):
        assert "Hei, hetki vain.\nWe open soon." in text
        for word in (
            "Ada",
            "Ben",
            "Gus",
            "group&#39;s",
            "mepe",
            group.join_token if text is waits else "Eve",
        ):
            assert word not in text, word
    assert "Zoe" in waits
    meeting_id = house.meeting_id
    for path in (
        f"/m/{meeting_id}",
        f"/m/{meeting_id}/run",
        f"/m/{meeting_id}/group",
        f"/m/{meeting_id}/reflection",
    ):
        assert zoe.get(path).status_code == 404
    assert zoe.post(f"/m/{meeting_id}/press", data={"press": "start"}).status_code == 404
    assert "Ada" not in shown(zoe.get("/"))


def test_no_socket_of_who_waits_hears_anything(
    people: dict[str, Person],
    ask: Callable[..., FreshClient],
    socket_for: Callable[[str], Socket],
    group: Group,
    meeting: Meeting,
) -> None:
    eve = socket_for("Eve")  # a group of her own gives her a socket
    ask("Eve", people["Eve"].client)
    for event, rest in {"room:join": (), "room:beat": (1,), "note:sync": (b"\x00", 1)}.items():
        assert eve.ask(event, meeting.id, *rest)["error"] == "not_found"
    press(people["Ada"], "start")
    assert not eve.received("changed")


def test_the_door_asks_in_few_bytes_and_leads_in(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group, meeting: Meeting
) -> None:
    zoe = ask("Zoe")
    for _ in range(2):
        news = zoe.get(f"/waiting/{group.id}", headers=HTMX)
        assert (news.status_code, news.data) == (204, b"")
    number = run_of(meeting.id).number
    assert "Zoe" in press(people["Ada"], "let_in", person=waiting_id("Zoe")).text
    assert run_of(meeting.id).number == number + 1
    assert zoe.get(f"/waiting/{group.id}", headers=HTMX).headers["HX-Refresh"] == "true"
    assert followed(zoe.get(f"/waiting/{group.id}")) == f"/m/{meeting.id}"
    assert zoe.get(f"/m/{meeting.id}").status_code == 200


def test_a_feature_above_the_meetings_may_say_where_people_go(
    people: dict[str, Person], app: Flask, group: Group, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "_answers", [*ways._answers])
    goes_on = [True]

    @ways.says_now
    def elsewhere(group: Group, member: Membership | None) -> ways.Now | None:
        return ways.Now("/elsewhere", {"": "Something else"}) if goes_on[0] else None

    link = f"/j/{group.join_token}"
    assert "Something else" in shown(app.test_client().get(link))
    assert followed(people["Ben"].client.get(link)) == "/elsewhere"
    assert followed(app.test_client().post(link, data={"name": "Zoe"})) == "/elsewhere"
    goes_on[0] = False  # then it is said by the meetings as ever
    assert "Something else" not in shown(app.test_client().get(link))
    assert followed(people["Ben"].client.get(link)) == f"/m/{meeting.id}"


def test_a_place_at_the_door_is_kept(ask: Callable[..., FreshClient], group: Group) -> None:
    zoe = ask("Zoe")
    assert followed(zoe.get(f"/j/{group.join_token}")) == f"/waiting/{group.id}"
    ask("Somebody else", zoe)
    assert [one.user.name for one in groups.waiting_in(group.id)] == ["Zoe"]


def test_who_stops_waiting_is_forgotten(ask: Callable[..., FreshClient], group: Group) -> None:
    people_before = db.session.scalar(select(func.count()).select_from(User))
    zoe = ask("Zoe")
    assert followed(zoe.post(f"/waiting/{group.id}")) == "/"
    assert groups.waiting_in(group.id) == []
    assert db.session.scalar(select(func.count()).select_from(User)) == people_before
    assert zoe.get(f"/waiting/{group.id}").status_code == 404
    assert zoe.get("/").status_code == 200


def test_who_belongs_to_another_group_stops_waiting_and_stays_somebody(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group
) -> None:
    eve = ask("Eve", people["Eve"].client)
    followed(eve.post(f"/waiting/{group.id}"))
    assert page(people["Eve"])


def test_a_refusal_is_final_for_the_cookie(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group, meeting: Meeting
) -> None:
    zoe = ask("Zoe")
    press(people["Ada"], "refuse", person=waiting_id("Zoe"))
    assert zoe.get(f"/waiting/{group.id}", headers=HTMX).headers["HX-Refresh"] == "true"
    assert "You were not let in" in shown(zoe.get(f"/waiting/{group.id}"))
    press(people["Ada"], "rotate_link")
    assert settings_of(people["Ada"], entry="open").status_code == 200
    db.session.rollback()
    link = f"/j/{db.session.get_one(Group, group.id, populate_existing=True).join_token}"
    assert followed(zoe.post(link, data={"name": "Another"})) == f"/waiting/{group.id}"
    assert followed(zoe.post(f"/waiting/{group.id}")) == "/"
    assert followed(zoe.get(link)) == f"/waiting/{group.id}"
    assert zoe.get(f"/m/{meeting.id}").status_code == 404


def test_of_two_who_decide_at_once_one_wins_and_nobody_errs(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group
) -> None:
    press(people["Ada"], "make_facilitator", person=people["Ben"].id)
    ask("Zoe")
    ask("Yrsa")
    for name, first, second in (("Zoe", "let_in", "refuse"), ("Yrsa", "refuse", "let_in")):
        who = waiting_id(name)
        assert press(people["Ada"], first, person=who).status_code == 200
        assert press(people["Ben"], second, person=who).status_code == 200
        is_in = who in {member.user_id for member in policy.members(group.id)}
        assert is_in == (first == "let_in")


def test_opposite_presses_in_the_same_moment_decide_once(
    people: dict[str, Person], ask: Callable[..., FreshClient], app: Flask, group: Group
) -> None:
    press(people["Ada"], "make_facilitator", person=people["Ben"].id)
    group_id = group.id
    for name in ("Zoe", "Yrsa", "Xu"):
        ask(name)
        who, ready = waiting_id(name), threading.Barrier(2)
        db.session.rollback()

        def decide(by: str, what: str, who: int = who, ready: threading.Barrier = ready) -> int:
            ready.wait()
            return int(press(people[by], what, person=who).status_code)

        with ThreadPoolExecutor(2) as pool:
            codes = list(pool.map(decide, ("Ada", "Ben"), ("let_in", "refuse")))
        assert codes == [200, 200]
        db.session.rollback()
        is_in = who in {member.user_id for member in policy.members(group_id)}
        refused = db.session.get(Waiting, (group_id, who), populate_existing=True)
        assert is_in == (refused is None)


def test_only_facilitators_hear_of_who_waits_and_decide(
    people: dict[str, Person], ask: Callable[..., FreshClient]
) -> None:
    ask("Zoe")
    assert "Zoe" in page(people["Ada"])
    assert "Zoe" not in page(people["Ben"])
    for what in ("let_in", "refuse"):
        assert press(people["Ben"], what, person=waiting_id("Zoe")).status_code == 403
    assert settings_of(people["Ben"]).status_code == 403
    assert people["Ben"].client.get(f"/m/{people['Ben'].meeting_id}/group").status_code == 403


def test_a_full_group_lets_in_nobody_and_says_so(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe = ask("Zoe")
    monkeypatch.setattr(door, "MAX_MEMBERS", len(policy.members(group.id)))
    answer = press(people["Ada"], "let_in", person=waiting_id("Zoe"))
    assert answer.status_code == 409
    assert "The group is full" in answer.text
    assert zoe.get(f"/waiting/{group.id}", headers=HTMX).status_code == 204


def test_so_many_wait_and_no_more(
    ask: Callable[..., FreshClient], app: Flask, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MAX_WAITING", 2)
    ask("Zoe")
    ask("Yrsa")
    answer = app.test_client().post(f"/j/{group.join_token}", data={"name": "Xu"})
    assert answer.status_code == 409
    assert "Many people are already waiting" in answer.text


@pytest.mark.parametrize("name", ["Ben", "zoe"])
def test_a_name_in_use_is_not_told_at_the_door(
    ask: Callable[..., FreshClient], app: Flask, group: Group, name: str
) -> None:
    ask("Zoe")
    answer = app.test_client().post(f"/j/{group.join_token}", data={"name": name})
    assert answer.status_code == 303


def test_whose_name_was_taken_meanwhile_comes_in_under_a_free_one(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group
) -> None:
    ask("Zoe")
    groups.rename(person_row(people["Ben"]), "Zoe")
    who = next(one.user_id for one in groups.waiting_in(group.id))
    assert press(people["Ada"], "let_in", person=who).status_code == 200
    assert {"Zoe", "Zoe 2"} <= {member.user.name for member in policy.members(group.id)}


def test_after_the_first_meeting_new_people_wait_and_come_in_to_the_next(
    people: dict[str, Person],
    app: Flask,
    group: Group,
    meeting: Meeting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, waited = clock.now, [0.0]
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=waited[0]))
    press(people["Ada"], "start")
    press(people["Ada"], "end")
    zoe = app.test_client()
    assert followed(zoe.post(f"/j/{group.join_token}", data={"name": "Zoe"})) == f"/waiting/{group.id}"
    sheet = shown(people["Ada"].client.get(f"/m/{meeting.id}/group"))
    assert "Zoe" in sheet
    where = f"/m/{meeting.id}/group"
    data = {"press": "let_in", "person": waiting_id("Zoe")}
    assert followed(people["Ada"].client.post(where, data=data)) == where
    assert followed(zoe.get(f"/waiting/{group.id}")) == f"/g/{group.id}"
    assert zoe.get(f"/m/{meeting.id}").status_code == 403  # the record is for those who were there
    assert followed(zoe.get(f"/j/{group.join_token}")) == f"/g/{group.id}"
    waited[0] = 70
    begun = followed(people["Ada"].client.post(f"/m/{meeting.id}/next", data={"template": "mepe-2"}))
    assert followed(zoe.get(f"/waiting/{group.id}")) == followed(zoe.get(f"/j/{group.join_token}")) == begun
    assert zoe.get(begun).status_code == 200


# Settings


def test_opening_the_door_lets_in_who_waits(
    people: dict[str, Person], ask: Callable[..., FreshClient], group: Group, meeting: Meeting
) -> None:
    zoe = ask("Zoe")
    answer = settings_of(people["Ada"], entry="open", name="Renamed", greeting="")
    assert (answer.status_code, answer.text) == (200, "")
    assert followed(zoe.get(f"/waiting/{group.id}")) == f"/m/{meeting.id}"
    assert "Renamed" in page(people["Ben"])


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("name", "x" * 61), ("entry", "never"), ("greeting", "x" * 501)]
)
def test_what_is_refused_is_said_and_not_lost(people: dict[str, Person], field: str, value: str) -> None:
    typed = {"name": "Other name", "greeting": "Typed with care"} | {field: value}
    answer = settings_of(people["Ada"], **typed)
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    for text in typed.values():
        assert field == "entry" or text.strip() in answer.text
    assert "Ada&#39;s group" in page(people["Ada"])


def test_markup_in_a_greeting_is_text(people: dict[str, Person], app: Flask, group: Group) -> None:
    settings_of(people["Ada"], greeting="<script>alert(1)</script>\u202e")
    asked = shown(app.test_client().get(f"/j/{group.join_token}"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<" in asked.replace("</p>", "<")
    assert "<script>alert" not in asked


def test_everybody_runs_the_meeting_but_not_the_group(people: dict[str, Person], meeting: Meeting) -> None:
    ada, ben = people["Ada"], people["Ben"]
    assert press(ben, "start").status_code == 403
    settings_of(ada, entry="first", everybody_runs="yes")
    for what in ("start", "next_item", "pause", "resume", "plus_minute", "back"):
        assert press(ben, what).status_code == 200, what
    assert press(ben, "add_item", mode="open", title="Mine", minutes=5).status_code == 200
    for what in ("end", "reveal", "rotate_link", "give_up"):
        assert press(ben, what).status_code == 403, what
    for what in ("make_facilitator", "hand_over", "remove_person"):
        assert press(ben, what, person=people["Gus"].id).status_code == 403, what
    assert settings_of(ben).status_code == 403
    text = page(ben)
    assert 'value="next_item"' in text
    assert 'value="end"' not in text
    settings_of(ada, entry="first")
    assert press(ben, "pause").status_code == 403  # on the very next press


# Removing


def test_who_is_removed_is_out_of_every_page_at_once(
    people: dict[str, Person], socket_for: Callable[[str], Socket], meeting: Meeting
) -> None:
    ada, pages = socket_for("Ada"), [socket_for("Ben"), socket_for("Ben")]
    assert all(one.join()["ok"] for one in (ada, *pages))
    ben = people["Ben"]
    assert press(people["Ada"], "remove_person", person=ben.id).status_code == 200
    assert [one.is_connected for one in pages] == [False, False]
    assert ada.is_connected
    run = run_of(meeting.id)
    assert ben.id not in run.present
    assert db.session.scalars(select(Presence.user_id)).all() == [people["Ada"].id]
    for path in ("", "/run", "/reflection", "/group", "/record.md", f"/people/{ben.id}"):
        assert ben.client.get(f"/m/{meeting.id}{path}").status_code == 404, path
    assert press(ben, "pass").status_code == 404
    again = socket_for("Ben")
    assert again.join()["error"] == "not_found"
    assert "Ben" not in page(people["Ada"]).partition('id="people"')[2].partition("</section>")[0]


@pytest.mark.parametrize("in_the_middle_of_one", [False, True])
def test_a_page_on_another_process_goes_in_its_next_round(
    people: dict[str, Person],
    socket_for: Callable[[str], Socket],
    app: Flask,
    meeting: Meeting,
    monkeypatch: pytest.MonkeyPatch,
    *,
    in_the_middle_of_one: bool,
) -> None:
    ben = socket_for("Ben")
    assert ben.join()["ok"]
    monkeypatch.setattr(live, "dismiss_everywhere", lambda sid: None)  # nothing reaches it
    press(people["Ada"], "remove_person", person=people["Ben"].id)
    assert ben.is_connected
    if in_the_middle_of_one:
        Background(app.app_context).renew()
    Background(app.app_context).hang_up()
    assert not ben.is_connected


def test_who_is_removed_comes_back_by_no_cookie_and_no_link(
    people: dict[str, Person], app: Flask, group: Group
) -> None:
    old = group.join_token
    press(people["Ada"], "remove_person", person=people["Ben"].id)
    db.session.rollback()
    new = db.session.get_one(Group, group.id, populate_existing=True).join_token
    assert new != old
    for client, token in ((people["Ben"].client, old), (people["Ben"].client, new), (app.test_client(), old)):
        assert client.get(f"/j/{token}").status_code == 404
        assert client.post(f"/j/{token}", data={"name": "Ben"}).status_code == 404
    assert people["Ben"].client.get(f"/waiting/{group.id}").status_code == 404
    # The link still leads in the people of the group, and their name is free for somebody else.
    assert followed(people["Gus"].client.get(f"/j/{old}")).startswith("/m/")
    followed(app.test_client().post(f"/j/{new}", data={"name": "Ben"}))


def test_words_of_who_was_removed_stay_and_the_record_is_closed_to_them(
    people: dict[str, Person], socket_for: Callable[[str], Socket], meeting: Meeting
) -> None:
    assert socket_for("Ada").join()["ok"]
    assert socket_for("Ben").join()["ok"]
    press(people["Ada"], "start")
    press(people["Ada"], "end")
    assert people["Ben"].client.get(f"/m/{meeting.id}").status_code == 200
    press(people["Ada"], "remove_person", person=people["Ben"].id)
    for path in ("", "/record.md", "/record/news"):
        assert people["Ben"].client.get(f"/m/{meeting.id}{path}").status_code == 404
    assert "Ben" in page(people["Ada"])  # he was there
    press(people["Ada"], "reopen")
    assert run_of(meeting.id).present == (people["Ada"].id,)


def test_the_turn_of_who_is_removed_goes_on(
    people: dict[str, Person], socket_for: Callable[[str], Socket], meeting: Meeting
) -> None:
    ids = [people[name].id for name in ("Ada", "Ben", "Gus")]
    for name in ("Ada", "Ben", "Gus"):
        assert socket_for(name).join()["ok"]
    press(people["Ada"], "start")
    for item in run_of(meeting.id).agenda:
        if item.mode == "round":
            press(people["Ada"], "enter_item", item=item.id)
            break
    press(people["Ada"], "give_word", person=ids[1])
    press(people["Ada"], "remove_person", person=ids[1])
    run = run_of(meeting.id)
    assert run.speaker in (ids[0], ids[2])
    assert ids[1] not in run.order
    press(people["Ada"], "back")
    assert run_of(meeting.id).speaker != ids[1]


def test_nobody_removes_themselves_or_twice_or_without_the_hat(
    people: dict[str, Person], meeting: Meeting, group: Group
) -> None:
    ada, ben, gus = (people[name] for name in ("Ada", "Ben", "Gus"))
    assert press(ada, "remove_person", person=ada.id).status_code == 409
    assert press(ben, "remove_person", person=gus.id).status_code == 403
    assert press(ada, "remove_person", person=people["Eve"].id).status_code == 404
    press(ada, "remove_person", person=gus.id)
    number, token = run_of(meeting.id).number, db.session.get_one(Group, group.id).join_token
    assert press(ada, "remove_person", person=gus.id).status_code == 200
    assert (run_of(meeting.id).number, db.session.get_one(Group, group.id).join_token) == (number, token)


def test_of_two_who_remove_each_other_one_stays(
    people: dict[str, Person], meeting: Meeting, group: Group
) -> None:
    ada, ben = (person_row(people[name]) for name in ("Ada", "Ben"))
    room.make_facilitator(meeting.id, ben.id, actor=ada)
    room.remove(meeting.id, ben.id, actor=ada)
    with pytest.raises(NotFound):
        room.remove(meeting.id, ada.id, actor=ben)
    assert [member.facilitator for member in policy.members(group.id)] == [True, False]


# Hats and roles


def test_the_hat_is_handed_over_in_one_press(people: dict[str, Person], group: Group) -> None:
    ada, ben = people["Ada"], people["Ben"]

    def leaders() -> set[str]:
        db.session.rollback()
        return {member.user.name for member in policy.members(group.id) if member.facilitator}

    for _ in range(2):  # a second press finds it done
        assert press(ada, "hand_over", person=ben.id).status_code == 200
        assert leaders() == {"Ben"}
    assert press(ada, "hand_over", person=people["Gus"].id).status_code == 403
    assert press(ben, "hand_over", person=ben.id).status_code == 200
    assert press(ben, "hand_over", person=people["Eve"].id).status_code == 404
    assert leaders() == {"Ben"}
    press(ben, "make_facilitator", person=ada.id)
    press(ada, "hand_over", person=ben.id)  # crosswise: who was first counts, and one always has it
    press(ben, "hand_over", person=ada.id)
    assert leaders() == {"Ada"}


@pytest.mark.parametrize(
    ("who", "what", "about", "undone"),
    [
        ("Ada", "make_facilitator", "Gus", ("Gus", "give_up", "Gus")),
        ("Ada", "hand_over", "Gus", ("Gus", "hand_over", "Ada")),
        ("Ada", "give_up", "Ada", ("Ben", "make_facilitator", "Ada")),
        ("Gus", "take_over", "Gus", ("Gus", "give_up", "Gus")),
        ("Ada", "give_role", "Gus", ("Gus", "give_role", "Gus")),
        ("Ada", "rotate_link", "Ada", None),
    ],
)
def test_a_press_about_people_that_is_sent_again_counts_once(
    people: dict[str, Person],
    group: Group,
    meeting: Meeting,
    wait: Callable[[float], None],
    who: str,
    what: str,
    about: str,
    undone: tuple[str, str, str] | None,
) -> None:
    def state() -> Any:
        db.session.rollback()
        leaders = {member.user.name for member in policy.members(group.id) if member.facilitator}
        link = db.session.get_one(Group, group.id, populate_existing=True).join_token
        return leaders, link, dict(run_of(meeting.id).roles)

    press(people["Ada"], "make_facilitator", person=people["Ben"].id)
    wait(70)  # nobody who facilitates is here: others may take over
    first = state()
    fields = {"person": people[about].id, "role": "observer", "seen": run_of(meeting.id).number}
    assert press(people[who], what, id="one-press", **fields).status_code == 200
    assert state() != first
    if undone:
        assert press(people[undone[0]], undone[1], person=people[undone[2]].id).status_code == 200
        assert state() == first
    before = state()
    assert press(people[who], what, id="one-press", **fields).status_code == 200
    assert state() == before
    assert press(people[who], what, id="another-press", **fields).status_code == 200
    assert state() != before


def test_a_press_about_people_that_arrives_twice_at_once_counts_once(
    people: dict[str, Person], group: Group, meeting: Meeting
) -> None:
    ada, number = people["Ada"], run_of(meeting.id).number
    db.session.rollback()

    def once(_: int) -> int:
        code: int = press(ada, "rotate_link", seen=number, id="one-press").status_code
        return code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(once, range(2))) == [200, 200]
    assert run_of(meeting.id).number == number + 1
    assert db.session.scalar(select(func.count()).select_from(OldLink)) == 1


def test_roles_are_taken_given_shown_and_kept(
    people: dict[str, Person], socket_for: Callable[[str], Socket], meeting: Meeting
) -> None:
    ada, ben, gus = (people[name] for name in ("Ada", "Ben", "Gus"))
    for name in ("Ada", "Ben", "Gus"):
        assert socket_for(name).join()["ok"]
    assert press(ben, "give_role", person=ben.id, role="note_keeper").status_code == 200
    assert press(ada, "give_role", person=gus.id, role="note_keeper").status_code == 200
    assert press(ben, "give_role", person=gus.id, role="observer").status_code == 403
    assert press(ada, "give_role", person=people["Eve"].id, role="observer").status_code == 404
    assert press(ben, "give_role", person=ben.id, role="king").status_code == 422
    assert page(gus).count("note keeper") == 2
    press(gus, "give_role", person=gus.id, role="")
    press(ada, "start")
    assert press(ada, "give_role", person=ada.id, role="observer").status_code == 200
    press(ada, "end")
    assert press(ben, "give_role", person=ben.id, role="observer").status_code == 409
    record = page(ben)
    assert re.search(r"Ben</bdi> \(note keeper\)", record)
    assert re.search(r"Ada</bdi> \(observer\)", record)
    assert "Ben (note keeper)" in ben.client.get(f"/m/{meeting.id}/record.md").text


def test_what_one_may_do_about_somebody_is_a_part_or_a_page(people: dict[str, Person]) -> None:
    ada, ben, gus = (people[name] for name in ("Ada", "Ben", "Gus"))

    def sheet(who: Person, about: Person, **headers: Any) -> set[str]:
        text = shown(who.client.get(f"/m/{who.meeting_id}/people/{about.id}", headers=headers))
        assert ("<html" in text) == (not headers)
        return set(re.findall(r'name="press" value="(\w+)"', text))

    assert sheet(ada, ben, **HTMX) == {"give_role", "hand_over", "make_facilitator", "remove_person"}
    assert sheet(ada, ada) == {"give_role", "give_up"}
    assert sheet(ben, ben) == {"give_role"}
    assert sheet(ben, gus) == set()
    assert ada.client.get(f"/m/{ada.meeting_id}/people/{people['Eve'].id}").status_code == 404


def test_services_ask_for_rights_themselves(
    people: dict[str, Person], meeting: Meeting, group: Group
) -> None:
    ben, eve = person_row(people["Ben"]), person_row(people["Eve"])
    change = {"name": "x", "entry": "open", "greeting": "", "everybody_runs": True}
    for actor, refusal in ((ben, NotAllowed), (eve, NotFound)):
        for act in (room.let_in, room.refuse, room.remove, room.make_facilitator):
            with pytest.raises(refusal):
                act(meeting.id, people["Gus"].id, actor=actor)
        with pytest.raises(refusal):
            groups.change_group(group.id, actor=actor, **change)
    with pytest.raises(NotFound):
        groups.at_the_door(group.id, actor=eve)
    with pytest.raises(Conflict):
        room.give_up(meeting.id, actor=person_row(people["Ada"]))
    assert db.session.scalar(select(func.count()).select_from(Membership).where(Membership.facilitator)) == 2
