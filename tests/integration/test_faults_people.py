"""Faults and requirements that concern people: who they are, and what a stranger learns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from ementor import assets, clock, create_app
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.archive import services as archive
from ementor.database import db
from ementor.notes import services as notes
from ementor.notes.document import GENERAL, MINE, OUTSIDE, Block, Document, written
from ementor.notes.models import OwnNoteUpdate
from tests.support.databases import Settings
from tests.support.inside import FreshClient, Socket
from tests.support.people import House, Person, csrf_token, shown
from tests.support.people import said as found

WHO = "ementor-who"


def me(client: Any, room: str) -> str:
    return found(shown(client.get(room)), r'data-me="(\d+)"')


def cookies_sent(answer: Any) -> dict[str, str]:
    return dict(line.split(";")[0].split("=", 1) for line in answer.headers.getlist("Set-Cookie"))


# Identity and the clock


@pytest.mark.parametrize("step", [{"seconds": -3}, {"hours": -1}, {"days": -400}, {"days": 400}], ids=str)
def test_f22_nobody_is_somebody_else_when_the_servers_clock_is_set(
    people: dict[str, Person], socket_for: Callable[[str], Socket], step: dict[str, int]
) -> None:
    """The same happens between two hosts whose clocks are apart: one signs, the other reads."""
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    assert me(ben.client, room) == str(ben.id)
    with time_machine.travel(clock.now() + timedelta(**step), tick=True):
        assert me(ben.client, room) == str(ben.id)
        assert ben.client.post("/language", data={"locale": "sv", "next": "/"}).status_code == 303
        assert socket_for("Ben").join()["ok"]
    assert me(ben.client, room) == str(ben.id)


def test_f22_a_replaced_link_does_not_come_back_to_life(
    people: dict[str, Person], house: House, app: Flask
) -> None:
    ada = people["Ada"]
    before = clock.now()
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "rotate_link"})
    with time_machine.travel(before - timedelta(hours=1), tick=True):
        assert app.test_client().get(house.join_path).status_code == 404


def test_the_browser_counts_how_long_it_knows_somebody(people: dict[str, Person]) -> None:
    answer = people["Ben"].client.get("/")
    sent = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(WHO)]
    assert len(sent) == 1
    assert "Max-Age=15552000" in sent[0]  # it counts for more than a date of Expires
    assert "HttpOnly" in sent[0]
    assert "SameSite=Lax" in sent[0]


@pytest.mark.parametrize("session", ["", "rubbish", "eyJhIjoxfQ.Z1.c2ln"])
def test_a_session_that_cannot_be_read_costs_nobody_their_identity(
    people: dict[str, Person], session: str
) -> None:
    ben = people["Ben"]
    ben.client.set_cookie("ementor", session)
    for _ in range(2):
        assert me(ben.client, f"/m/{ben.meeting_id}") == str(ben.id)
    ben.client.token = None
    assert ben.client.post("/language", data={"locale": "fi", "next": "/"}).status_code == 303


def test_who_somebody_is_stays_in_a_cookie_that_is_not_known(app: Flask, people: dict[str, Person]) -> None:
    client = app.test_client()
    client.set_cookie(WHO, "of-a-copy-that-was-put-back")
    for path in ("/", f"/m/{people['Ben'].meeting_id}", "/nothing", "/start"):
        assert cookies_sent(client.get(path)).get(WHO, "of-a-copy-that-was-put-back") == (
            "of-a-copy-that-was-put-back"
        )


def test_a_form_of_another_site_replaces_no_cookie(people: dict[str, Person], app: Flask) -> None:
    """Such a form arrives without cookies, as they are SameSite, and its answer could still set them."""
    for path in ("/start", "/language", "/forget", f"/m/{people['Ben'].meeting_id}/press"):
        answer = app.test_client().post(path, csrf=False, data={"name": "Mallory"})
        assert answer.status_code == 400
        assert not answer.headers.getlist("Set-Cookie")


def test_who_came_before_there_were_two_cookies_stays_who_they_are(
    people: dict[str, Person], house: House
) -> None:
    ben, room = people["Ben"], f"/m/{people['Ben'].meeting_id}"
    client: FreshClient = house.new_client()
    client.set_cookie("ementor", ben.client.get_cookie("ementor").value)  # type: ignore[union-attr]
    assert me(client, room) == str(ben.id)
    client.delete_cookie("ementor")
    assert me(client, room) == str(ben.id)


# Budgets


def test_who_floods_with_presses_is_told_to_wait_and_holds_up_nobody(people: dict[str, Person]) -> None:
    ada, ben = people["Ada"], people["Ben"]
    path = f"/m/{ada.meeting_id}/press"
    assert ada.client.post(path, data={"press": "start"}).status_code == 303
    data, headers = (
        {"press": "give_role", "role": "note_keeper", "person": str(ben.id)},
        {"HX-Request": "true"},
    )
    statuses, text = [], ""
    while 429 not in statuses:
        answer = ben.client.post(path, data=data, headers=headers)
        statuses.append(answer.status_code)
        text = answer.text
        assert len(statuses) < 3000
    assert set(statuses) == {200, 429}
    assert len(statuses) > 100  # nobody who means it comes near
    assert "Too many presses at once" in text
    assert ben.client.get(f"/m/{ben.meeting_id}/run", headers=headers).status_code == 200
    assert ada.client.post(path, data={"press": "next_item"}).status_code == 303
    assert ada.client.post(path, data={"press": "end"}).status_code == 303


def test_a_budget_fills_up_again(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    ben = people["Ben"]
    now = [1000.0]
    monkeypatch.setattr("ementor.web.time.monotonic", lambda: now[0])
    monkeypatch.setattr("ementor.web.PRESSES_AT_ONCE", 3.0)

    def press() -> int:
        status: int = ben.client.post("/language", data={"locale": "en", "next": "/"}).status_code
        return status

    assert [press() for _ in range(6)] == [303] * 3 + [429] * 3
    now[0] += 0.1
    assert [press(), press()] == [303, 429]


# Links


def test_r6_wrong_links_are_counted_and_good_ones_stay_open(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    stranger = app.test_client()
    answers = [stranger.get(f"/j/wrong-{number}") for number in range(25)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 5
    good = app.test_client()  # behind the same address
    assert good.get(house.join_path).status_code == 200
    assert good.post(house.join_path, data={"name": "Kim"}).status_code == 303
    assert stranger.post("/j/wrong-too", data={"name": "Kim"}).status_code == 429


def test_r6_a_link_that_was_replaced_answers_like_one_that_never_was(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    ada = people["Ada"]
    old = house.join_path
    ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "rotate_link"})
    answers = [app.test_client().get(path) for path in (old, old[:-1] + "x", "/j/never")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    pages = {re.sub(r"/j/[\w-]+|content=\"[^\"]+\"|value=\"[^\"]+\"", "", answer.text) for answer in answers}
    assert len(pages) == 1


def test_names_can_be_guessed_twenty_times_and_a_free_one_still_comes_in(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    client = app.test_client()
    codes = [client.post(house.join_path, data={"name": "Ben"}).status_code for _ in range(25)]
    assert codes == [422] * 20 + [429] * 5
    assert client.post(house.join_path, data={"name": "Kim"}).status_code == 303


BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.32.3",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246",  # what Safe Links calls itself
        BROWSER,
    ],
)
def test_r2_a_program_that_opens_the_link_sees_no_name(
    app: Flask, people: dict[str, Person], house: House, agent: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = app.test_client().open(house.join_path, method=method, headers={"User-Agent": agent})
        assert answer.status_code == 200
        assert "Ada&#39;s group" not in answer.text
        assert "Getting to know" not in answer.text
        assert not people["Ada"].client.get(f"/m/{house.meeting_id}/run").text.count("Kim")


def test_r2_a_person_in_a_browser_sees_where_the_link_leads(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    answer = app.test_client().get(house.join_path, headers={"User-Agent": BROWSER, **NAVIGATES})
    assert "Ada&#39;s group" in answer.text


# What has an address


@pytest.mark.parametrize(
    "path",
    [
        "/static/editor/x/../src/editor.js",
        "/static/editor/src/editor.js",
        "/static/./built/base.js",
        "/static/built/./base.js",
        "/static/built//base.js",
        "/static/built/../built/base.js",
        "/static/../static/built/base.js",
        "/static/%2e%2e/app.py",
        "/static/built/base.js/",
        "/static/built/base.js%00.css",
        "/static/%2Fetc/hosts.txt",
        f"/static/{'a' * 5000}.js",
    ],
    ids=lambda path: path[:40],
)
def test_another_spelling_of_a_file_is_not_found(app: Flask, path: str) -> None:
    before = assets._plain.cache_info().currsize
    assert app.test_client().get(path).status_code in {308, 404}
    assert assets._plain.cache_info().currsize == before


@pytest.mark.parametrize("path", ["/", "/static/built/base.js", "/j/x", "/nothing"])
def test_a_host_that_is_not_ours_is_refused(settings: Settings, path: str) -> None:
    app = create_app(settings | {"ORIGINS": "https://room.example.org"})
    for host, status in (("elsewhere.example", 400), ("room.example.org", None)):
        answer = app.test_client().get(path, headers={"Host": host})
        assert (answer.status_code == 400) == (status == 400)
        assert answer.status_code < 500
    with app.app_context():
        db.engine.dispose()


# The record


def test_who_takes_part_by_forms_alone_reads_the_record(people: dict[str, Person], house: House) -> None:
    ada, ben, gus = people["Ada"], people["Ben"], people["Gus"]
    for person, what in ((ada, "start"), (ben, "give_role"), (ada, "end")):
        data = {"press": what, "person": str(ben.id), "role": "note_keeper"}
        assert person.client.post(f"/m/{house.meeting_id}/press", data=data).status_code == 303
    page = shown(gus.client.get(f"/m/{house.meeting_id}"))
    assert re.search(r"Present: <bdi>Ada</bdi>, <bdi>Ben</bdi> \(note keeper\)</p>", page)  # and not Gus


# F11: a form that is sent twice, of which the first answer is lost


COOKIES = ("ementor", WHO)


def twice(client: FreshClient, path: str, form: dict[str, str]) -> list[str]:
    """Send a form twice; before the second time the browser has not seen the first answer."""
    client.token = csrf_token(shown(client.get("/")))
    before = {name: client.get_cookie(name) for name in COOKIES}
    places = []
    for _ in range(2):
        for name in COOKIES:
            client.delete_cookie(name)
            if (cookie := before[name]) is not None:
                client.set_cookie(name, cookie.value)
        answer = client.post(path, data=form)
        assert answer.status_code == 303, answer.text
        places.append(answer.headers["Location"])
    return places


def test_f11_a_double_click_on_join_makes_one_person(people: dict[str, Person], house: House) -> None:
    client = house.new_client()
    first, second = twice(client, house.join_path, {"name": "Kim"})
    assert first == second
    names = db.session.scalars(select(User.name)).all()
    assert names.count("Kim") == 1
    assert me(client, second)
    other = house.new_client()  # somebody else of that name is somebody else
    other.token = csrf_token(shown(other.get("/")))
    assert other.post(house.join_path, data={"name": "Kim"}).status_code == 422


def test_f11_a_double_click_on_the_door_makes_one_person(people: dict[str, Person], house: House) -> None:
    at_the_door(house)
    first, second = twice(house.new_client(), house.join_path, {"name": "Kim"})
    assert first == second
    assert db.session.scalars(select(User.name)).all().count("Kim") == 1


@pytest.mark.parametrize("known", [False, True])
def test_f11_a_double_click_on_start_makes_one_meeting(
    people: dict[str, Person], house: House, *, known: bool
) -> None:
    client = people["Eve"].client if known else house.new_client()
    template = found(shown(client.get("/")), r'<option value="([^"]+)"')
    form = {"name": "Eve", "template": template, "group": "Twice"}
    first, second = twice(client, "/start", form)
    assert first == second
    assert me(client, second)
    third = client.post("/start", data=form | {"group": "Another"})
    assert third.headers["Location"] != first


def test_a_form_of_long_ago_brings_nobody_back(
    people: dict[str, Person], house: House, wait: Callable[[float], None]
) -> None:
    client = house.new_client()
    client.token = csrf_token(shown(client.get("/")))
    session = client.get_cookie("ementor")
    assert session is not None
    assert client.post(house.join_path, data={"name": "Kim"}).status_code == 303
    client.delete_cookie(WHO)
    client.set_cookie("ementor", session.value)
    wait(120)
    assert client.post(house.join_path, data={"name": "Kim"}).status_code == 422


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Mia (you)", "Mia (sinä)", "Mia (du)", "Mia (YOU)", "Mia [you]", "Mia （you）",
        "Mia – you", "Mia - you",
        "Mia (уоu)", "Mia (y0u)", "Mia (y\u200bou)", "Mia (you) (she)", "Mia _you_", "(you)", "You", "sinä",
        "Mia (facilitator)", "Mia (ohjaaja)", "Mia · borta", "Mia, away",
        "Mia (note keeper)", "Mia (sihteeri)",
    ],
)  # fmt: skip
def test_a_name_that_reads_like_a_page_is_refused(people: dict[str, Person], house: House, name: str) -> None:
    answer = house.new_client().post(house.join_path, data={"name": name})
    assert answer.status_code == 422
    assert "Leave out what is added to names automatically" in answer.text


@pytest.mark.parametrize(
    "name",
    ["Mia (Oulu)", "Mia (she/her)", "Linh-Du", "Linh Du", "You-Jin Kim", "O'Du", "Youssef", "Duarte (2)"],
)
def test_a_name_that_only_holds_such_letters_is_one(
    people: dict[str, Person], house: House, name: str
) -> None:
    assert house.new_client().post(house.join_path, data={"name": name}).status_code == 303


def at_the_door(house: House) -> None:
    ada = house.person("Ada")
    data = {"name": "Ada's group", "entry": "ask", "greeting": "", "everybody_runs": ""}
    assert ada.client.post(f"/m/{ada.meeting_id}/group", data=data).status_code == 303


def test_r7_a_closed_door_does_not_tell_who_is_inside(people: dict[str, Person], house: House) -> None:
    at_the_door(house)
    pages = set()
    for name in ("Ben", "Nobody", "bEN"):
        client = house.new_client()
        assert "Ben" not in shown(client.get(house.join_path))
        answer = client.post(house.join_path, data={"name": name})
        assert answer.status_code == 303
        pages.add(shown(client.get(answer.headers["Location"])).replace(name, "…").split("<main")[1])
    assert len({re.sub(r'value="[^"]+"', "", page) for page in pages}) == 1


def test_who_is_let_in_under_a_name_that_is_taken_gets_a_number(
    people: dict[str, Person], house: House
) -> None:
    at_the_door(house)
    ada = people["Ada"]
    client = house.new_client()
    client.post(house.join_path, data={"name": "Ben"})
    page = shown(ada.client.get(f"/m/{ada.meeting_id}/run"))
    waiting = found(page, r'id="waiting-(\d+)"')
    answer = ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": "let_in", "person": waiting})
    assert answer.status_code == 303
    assert "Ben 2" in shown(ada.client.get(f"/m/{ada.meeting_id}/run"))


def test_another_name_elsewhere_changes_nothing_unasked(people: dict[str, Person], house: House) -> None:
    eve, ada = people["Eve"], people["Ada"]
    answer = eve.client.post(house.join_path, data={"name": "Evelyn"})
    assert answer.status_code == 422
    assert "In your other groups you are called Eve" in answer.text
    assert 'name="everywhere"' in answer.text
    assert "Evelyn" not in shown(eve.client.get(f"/m/{eve.meeting_id}"))
    for form in ({"name": "Evelyn", "everywhere": "yes"}, {"name": "Eve"}):
        assert eve.client.post(house.join_path, data=form).status_code == 303
    assert "Evelyn" in shown(eve.client.get(f"/m/{eve.meeting_id}"))
    assert "Evelyn" in shown(ada.client.get(f"/m/{ada.meeting_id}/run"))


def test_another_name_for_a_new_group_changes_nothing_unasked(people: dict[str, Person]) -> None:
    eve = people["Eve"]
    template = found(shown(eve.client.get("/")), r'<option value="([^"]+)"')
    form = {"name": "Evelyn", "template": template, "group": "Another"}
    answer = eve.client.post("/start", data=form)
    assert answer.status_code == 422
    assert 'name="everywhere"' in answer.text
    assert "Evelyn" not in shown(eve.client.get(f"/m/{eve.meeting_id}"))
    assert eve.client.post("/start", data=form | {"everywhere": "yes"}).status_code == 303
    assert "Evelyn" in shown(eve.client.get(f"/m/{eve.meeting_id}"))


def test_who_is_known_elsewhere_is_not_renamed_at_the_door(people: dict[str, Person], house: House) -> None:
    at_the_door(house)
    eve, ada, other = people["Eve"], people["Ada"], house.new_client()
    assert eve.client.post(house.join_path, data={"name": "Eve"}).status_code == 303
    other.post(house.join_path, data={"name": "EVE"})
    page = shown(ada.client.get(f"/m/{ada.meeting_id}/run"))
    codes = {}
    for waiting in sorted(map(int, re.findall(r'id="waiting-(\d+)"', page)), reverse=True):
        data = {"press": "let_in", "person": str(waiting)}
        codes[waiting] = ada.client.post(f"/m/{ada.meeting_id}/press", data=data).status_code
    assert codes[eve.id] == 422
    assert sorted(codes.values()) == [303, 422]
    assert "Eve 2" not in shown(eve.client.get(f"/m/{eve.meeting_id}"))


# One part, or one person's notes, that cannot be shown


class PanicException(BaseException):
    """As pycrdt's, which derives from no usual error."""


def broken_in(monkeypatch: pytest.MonkeyPatch, part: str, method: str, error: BaseException) -> None:
    """Let a document fail to show one part."""
    real = getattr(Document, method)

    def fail(self: Document, fragment: str, *more: Any) -> Any:
        if fragment == part:
            raise error
        return real(self, fragment, *more)

    monkeypatch.setattr(Document, method, fail)


@pytest.mark.parametrize("error", [ValueError("of NaN"), OverflowError("secret words"), PanicException()])
def test_one_part_that_cannot_be_shown_is_kept_as_plain_text(
    people: dict[str, Person],
    wait: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    ada = people["Ada"]
    actor = db.session.get_one(User, ada.id)
    notes.say(ada.meeting_id, GENERAL, ["<i>broken</i> *part*"], named=False, actor=actor)
    notes.say(ada.meeting_id, OUTSIDE, ["Told outside"], named=False, actor=actor)
    broken_in(monkeypatch, GENERAL, "to_html", error)
    if isinstance(error, Exception):
        broken_in(monkeypatch, GENERAL, "collected", error)
    for what in ("start", "end"):
        answer = ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": what})
        assert answer.status_code == 303, what
    for sealed in (False, True):
        if sealed:
            wait(70)
            assert archive.seal_due() == [ada.meeting_id]
        page = shown(ada.client.get(f"/m/{ada.meeting_id}"))
        assert "<p>&lt;i&gt;broken&lt;/i&gt; *part*</p>" in page
        assert "<p>Told outside</p>" in page
        assert r"\<i\>broken\</i\> \*part\*" in ada.client.get(f"/m/{ada.meeting_id}/record.md").text
    assert "cannot be shown as it is" in caplog.text
    assert "broken" not in caplog.text
    assert "secret words" not in caplog.text


def test_one_persons_own_notes_that_fail_block_nobody(
    people: dict[str, Person], wait: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = people["Ada"], people["Ben"]
    for person in (ada, ben):
        actor = db.session.get_one(User, person.id)
        before = notes.sync(ada.meeting_id, b"\0", actor=actor, own=True).update
        update = written(before, MINE, [Block(runs=[(person.name, {})])])
        notes.add_update(ada.meeting_id, update, actor=actor, own=True)
    notes.documents_in_memory().clear()
    real = notes.document_of

    def document_of(meeting_id: int, owner_id: int | None = None) -> Document:
        if owner_id == ben.id:
            raise PanicException
        return real(meeting_id, owner_id)

    monkeypatch.setattr(notes.reading, "document_of", document_of)
    for person, what in ((ada, "start"), (ben, "give_role"), (ada, "end")):
        data = {"press": what, "person": str(ben.id), "role": "note_keeper"}
        assert person.client.post(f"/m/{ada.meeting_id}/press", data=data).status_code == 303
    wait(70)
    assert archive.seal_due() == [ada.meeting_id]
    assert "<p>Ada</p>" in shown(ada.client.get(f"/m/{ada.meeting_id}"))
    assert ben.client.get(f"/m/{ada.meeting_id}").status_code == 200
    left = db.session.scalars(select(OwnNoteUpdate.owner_id)).all()
    assert set(left) == {ben.id}  # all there is of his is still there


def test_a_letter_that_no_database_keeps_ends_no_record(
    people: dict[str, Person], wait: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = people["Ada"]
    actor = db.session.get_one(User, ada.id)
    notes.say(ada.meeting_id, GENERAL, ["a b"], named=False, actor=actor)
    before = notes.sync(ada.meeting_id, b"\0", actor=actor, own=True).update
    update = written(before, MINE, [Block(runs=[("a b", {})])])
    notes.add_update(ada.meeting_id, update, actor=actor, own=True)
    real = Document.to_html
    monkeypatch.setattr(Document, "to_html", lambda *of: real(*of).replace("a b", "a\0b"))
    for what in ("start", "end"):
        assert ada.client.post(f"/m/{ada.meeting_id}/press", data={"press": what}).status_code == 303
    wait(70)
    assert archive.seal_due() == [ada.meeting_id]
    assert shown(ada.client.get(f"/m/{ada.meeting_id}")).count("<p>ab</p>") == 2


@pytest.mark.parametrize("path", ["/start", "/plan"])
def test_f11_a_form_that_comes_again_while_it_is_answered_makes_one_person(
    people: dict[str, Person], house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    looked = []

    def just_came(key: str | None) -> User | None:
        looked.append(key)
        return None if len(looked) == 2 else came(key)  # the second looks before the first is there

    came = accounts.just_came
    monkeypatch.setattr(accounts, "just_came", just_came)
    first_day = (clock.now() + timedelta(days=9)).date().isoformat()
    form = {"name": "Kim", "template": "single-1", "group": "Circle", "programme": "single"}
    form |= {"first": first_day, "time": "09:00", "weeks": "2"}
    first, second = twice(house.new_client(), path, form)
    assert first == second
    assert db.session.scalars(select(User.name)).all().count("Kim") == 1
