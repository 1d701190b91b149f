"""The devices of a person: one more by a code, the list, signed out, left and come back to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor.accounts import services as accounts
from ementor.accounts.devices import labels, services, words
from ementor.accounts.models import DeviceCode, SignIn, User
from ementor.database import db
from ementor.meetings.background import Background
from tests.support.inside import FreshClient, Socket
from tests.support.markers import mailed_code
from tests.support.people import House, Person, followed, said, shown

PHONE = (
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 "
    "Mobile Safari/537.36"
)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HTMX = {"HX-Request": "true"}
CODE = r'aria-hidden="true">([0-9A-Z]{4})</span><span aria-hidden="true">([0-9A-Z]{4})</span>'


def code_on(client: Any) -> str:
    """Let somebody's device show a code, and return it."""
    page = shown(client.get(followed(client.post("/me/devices/code", data={}))))
    found = re.search(CODE, page)
    assert found
    return found[1] + found[2]


def left(client: Any, **fields: str) -> Any:
    """Leave a device; the next form of that browser needs a page with a new token."""
    answer = client.post("/forget", data={"sure": "yes", **fields})
    client.token = None
    return answer


def typed(client: Any, code: str, **options: Any) -> Any:
    return client.post("/device", data={"code": code}, **options)


def answered(client: Any, what: str) -> None:
    page = shown(client.get("/me/devices/code"))
    client.post("/me/devices/code", data={"answer": what, "code": said(page, r'name="code" value="(\w+)"')})


def word(page: str) -> tuple[str, str]:
    found = re.search(r'<(?:b|p class="word") lang="(\w\w)">([^<]+)<', page)
    assert found
    return found[1], found[2]


def other(code: str) -> str:
    """Return a code with the same first half."""
    return code[:-1] + services.ALPHABET[(services.ALPHABET.index(code[-1]) + 1) % 32]


def me(client: Any, room: str) -> str:
    return said(shown(client.get(room)), r'data-me="(\d+)"')


def added(client: Any, first: Any) -> Any:
    """Make ``client`` a device of whoever ``first`` is."""
    followed(typed(client, code_on(first)))
    answered(first, "yes")
    assert followed(client.post("/device/arrive", data={})) == "/notes"
    return client


# Another device


def test_another_device_becomes_the_same_person_once_the_first_has_said_yes(
    app: Flask, people: dict[str, Person]
) -> None:
    ben, phone = people["Ben"], app.test_client()
    room = f"/m/{ben.meeting_id}"
    code = code_on(ben.client)
    assert followed(typed(phone, code, headers={"User-Agent": PHONE})) == "/device"
    assert phone.get(room).status_code == 404
    wait = shown(phone.get("/device"))
    assert phone.get("/device", headers=HTMX).status_code == 204
    ask = shown(ben.client.get("/me/devices/code"))
    assert "Is this your device?" in ask
    assert "Phone, Chrome" in ask
    assert word(wait) == word(ask)
    assert followed(phone.post("/device/arrive", data={})) == "/device"  # nobody has said yes
    assert phone.get(room).status_code == 404
    answered(ben.client, "yes")
    assert phone.get("/device", headers=HTMX).headers["HX-Refresh"] == "true"
    assert phone.get(room).status_code == 404  # no GET makes it his
    shown(phone.get("/device"))
    assert followed(phone.post("/device/arrive", data={})) == "/notes"
    assert me(phone, room) == me(ben.client, room) == str(ben.id)
    assert "This device is yours now, too." in shown(ben.client.get("/me/devices/code"))
    newest = db.session.scalars(select(SignIn).order_by(SignIn.created_at.desc())).first()
    assert newest is not None
    assert newest.proved_at is not None


def test_a_code_is_not_in_the_database(people: dict[str, Person]) -> None:
    code = code_on(people["Ben"].client)
    row = db.session.scalars(select(DeviceCode)).one()
    kept = {str(value) for value in vars(row).values()}
    assert not {code, code[:4], code[4:], accounts.hash_of(code), accounts.hash_of(code[:4])} & kept


@pytest.mark.parametrize(
    "how",
    [str.lower, lambda code: f" {code[:4]} - {code[4:]}\u00a0", lambda code: ".".join(code)],
)
def test_a_code_is_typed_in_any_way(app: Flask, people: dict[str, Person], how: Callable[[str], str]) -> None:
    assert followed(typed(app.test_client(), how(code_on(people["Ben"].client)))) == "/device"


def test_letters_that_look_like_digits_are_those() -> None:
    assert services.typed_code("oil0-abcd") == "0110ABCD"
    assert services.typed_code("ＡＢＣＤ 1234") == "ABCD1234"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ABC",
        "ABCD12345",
        "ABCDU234",
        "\x00" * 8,
        "x" * 10_000,
        "<script>",
        "'; --  12",
        "ÄÖÅÄÖÅÄÖ",
        "🦊" * 8,
        "%_%_%_%_",
    ],
)
def test_what_can_be_no_code_is_no_try_and_stays_in_the_field(app: Flask, text: str) -> None:
    client = app.test_client()
    for _ in range(7):
        answer = typed(client, text)
        assert answer.status_code == 422
        assert "Check that you entered all of them" in answer.text
    assert "<script>alert" not in answer.text
    if text == "ABC":
        assert 'value="ABC"' in answer.text


def test_a_code_that_is_wrong_says_so_and_stays_in_the_field(app: Flask, people: dict[str, Person]) -> None:
    code = code_on(people["Ben"].client)
    client = app.test_client()
    answer = typed(client, other(code))
    assert answer.status_code == 422
    assert "This code doesn&#39;t work." in answer.text
    assert f'value="{other(code)}"' in answer.text
    assert followed(typed(client, code)) == "/device"


def test_five_wrong_tries_kill_a_code_from_wherever_they_come(app: Flask, people: dict[str, Person]) -> None:
    ben = people["Ben"].client
    code = code_on(ben)
    for _ in range(5):
        assert typed(app.test_client(), other(code)).status_code == 422
    answer = typed(app.test_client(), code)
    assert answer.status_code == 422
    assert "tried too many times" in answer.text
    assert "That code no longer works." in shown(ben.get("/me/devices/code"))


def test_five_wrong_tries_are_all_that_a_browser_has_in_ten_minutes(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    client = app.test_client()
    for number in range(5):
        assert typed(client, f"ZZZZZZZ{number}").status_code == 422
    code = code_on(people["Ben"].client)
    answer = typed(client, code)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text
    assert f'value="{code}"' in answer.text
    assert followed(typed(app.test_client(), code)) == "/device"
    wait(601)
    assert followed(typed(client, code_on(people["Ben"].client))) == "/device"


def test_what_is_right_is_not_refused_for_what_others_tried_behind_the_same_address(
    app: Flask, people: dict[str, Person]
) -> None:
    tried = [typed(app.test_client(), f"ZZZZZZ{10 + number}").status_code for number in range(25)]
    assert tried == [422] * 20 + [429] * 5
    assert followed(typed(app.test_client(), code_on(people["Ben"].client))) == "/device"


def test_a_code_works_for_ten_minutes_by_the_servers_clock(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben, code = people["Ben"].client, code_on(people["Ben"].client)
    assert "for 10 more minutes" in shown(ben.get("/me/devices/code"))
    wait(61)
    assert "for 9 more minutes" in ben.get("/me/devices/code?state=shown", headers=HTMX).text
    wait(480)
    assert "for one more minute" in shown(ben.get("/me/devices/code"))
    wait(60)
    assert ben.get("/me/devices/code?state=shown", headers=HTMX).headers["HX-Refresh"] == "true"
    assert "That code no longer works." in shown(ben.get("/me/devices/code"))
    answer = typed(app.test_client(), code)
    assert answer.status_code == 422
    assert "older than ten minutes" in answer.text


def test_a_yes_that_comes_too_late_lets_nobody_in(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben, phone = people["Ben"].client, app.test_client()
    followed(typed(phone, code_on(ben)))
    page = shown(ben.get("/me/devices/code"))
    wait(601)
    ben.post("/me/devices/code", data={"answer": "yes", "code": said(page, r'name="code" value="(\w+)"')})
    assert followed(phone.post("/device/arrive", data={})) == "/device"
    assert "no longer works" in shown(phone.get("/device"))


def test_only_the_newest_code_of_a_person_counts(app: Flask, people: dict[str, Person]) -> None:
    ben = people["Ben"].client
    old, new = code_on(ben), code_on(ben)
    assert typed(app.test_client(), old).status_code == 422
    assert followed(typed(app.test_client(), new)) == "/device"


def test_of_two_devices_the_first_has_the_code_and_the_second_hears_it(
    app: Flask, people: dict[str, Person]
) -> None:
    ben, eve, phone = people["Ben"].client, app.test_client(), app.test_client()
    code = code_on(ben)
    followed(typed(eve, code))
    answer = typed(phone, code)
    assert answer.status_code == 422
    assert "already been used" in answer.text
    assert followed(typed(eve, code)) == "/device"  # the same form sent twice is one
    answered(ben, "no")
    assert "Nobody got in." in shown(ben.get("/me/devices/code"))
    assert eve.get("/device", headers=HTMX).headers["HX-Refresh"] == "true"
    assert "you answered that this one isn't yours" in shown(eve.get("/device"))
    assert followed(eve.post("/device/arrive", data={})) == "/device"
    assert eve.get(f"/m/{people['Ben'].meeting_id}").status_code == 404
    assert typed(phone, code).status_code == 422
    assert followed(typed(phone, code_on(ben))) == "/device"


def test_a_code_counts_once(app: Flask, people: dict[str, Person]) -> None:
    ben, phone = people["Ben"].client, app.test_client()
    code = code_on(ben)
    followed(typed(phone, code))
    answered(ben, "yes")
    assert followed(phone.post("/device/arrive", data={})) == "/notes"
    assert typed(app.test_client(), code).status_code == 422
    assert followed(phone.post("/device/arrive", data={})) == "/notes"
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == len(people) + 1


def test_an_answer_that_was_lost_is_given_again_to_the_same_browser_only(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben, phone = people["Ben"], app.test_client()
    followed(typed(phone, code_on(ben.client)))
    answered(ben.client, "yes")
    before = phone.get_cookie("ementor").value  # type: ignore[union-attr]
    count = db.session.scalar(select(func.count()).select_from(SignIn))
    for again in (False, True):
        phone.delete_cookie("ementor-who")
        phone.set_cookie("ementor", before)
        assert followed(phone.post("/device/arrive", data={})) == "/notes", again
        assert me(phone, f"/m/{ben.meeting_id}") == str(ben.id)
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == (count or 0) + 1
    phone.delete_cookie("ementor-who")
    phone.set_cookie("ementor", before)
    wait(61)
    assert followed(phone.post("/device/arrive", data={})) == "/device"


def test_eve_cannot_answer_for_ben(app: Flask, people: dict[str, Person]) -> None:
    ben, eve, phone = people["Ben"].client, people["Eve"].client, app.test_client()
    followed(typed(phone, code_on(ben)))
    seen = said(shown(ben.get("/me/devices/code")), r'name="code" value="(\w+)"')
    for client, status in ((eve, 303), (people["Ada"].client, 303), (app.test_client(), 404)):
        answer = client.post("/me/devices/code", data={"answer": "yes", "code": seen})
        assert answer.status_code == status
    assert followed(phone.post("/device/arrive", data={})) == "/device"
    assert "Is this your device?" in shown(ben.get("/me/devices/code"))


def test_an_answer_is_about_the_device_that_was_shown(app: Flask, people: dict[str, Person]) -> None:
    ben, eve, phone = people["Ben"].client, app.test_client(), app.test_client()
    followed(typed(phone, code_on(ben)))
    seen = said(shown(ben.get("/me/devices/code")), r'name="code" value="(\w+)"')
    followed(typed(eve, code_on(ben)))
    ben.post("/me/devices/code", data={"answer": "yes", "code": seen})
    assert followed(eve.post("/device/arrive", data={})) == "/device"


def test_the_code_of_this_very_device_is_refused_and_goes_on_working(
    app: Flask, people: dict[str, Person]
) -> None:
    ben = people["Ben"].client
    code = code_on(ben)
    answer = typed(ben, code)
    assert answer.status_code == 422
    assert "already yours" in answer.text
    assert followed(typed(app.test_client(), code)) == "/device"


def test_who_was_somebody_else_on_the_other_device_is_asked_whether_they_are_one(
    people: dict[str, Person],
) -> None:
    ben, gus = people["Ben"], people["Gus"]
    followed(typed(gus.client, code_on(ben.client)))
    answered(ben.client, "yes")
    answer = gus.client.post("/device/arrive", data={})
    assert urlsplit(followed(answer)).path == "/me/one"
    assert me(gus.client, f"/m/{ben.meeting_id}") == str(ben.id)


def test_the_code_of_a_device_that_was_signed_out_lets_nobody_in(
    app: Flask, people: dict[str, Person]
) -> None:
    ben, phone, third = people["Ben"].client, app.test_client(), app.test_client()
    added(phone, ben)
    waiting, asked = code_on(phone), app.test_client()
    ben.post(
        "/me/devices", data={"device": said(shown(ben.get("/me/devices")), r'name="device" value="(\w+)"')}
    )
    assert typed(third, waiting).status_code == 422
    followed(typed(asked, code_on(ben)))
    answered(ben, "yes")
    ben.post("/me/devices", data={"everywhere": "yes"})
    assert followed(asked.post("/device/arrive", data={})) == "/device"


def test_the_word_is_in_the_language_of_the_first_device(app: Flask, people: dict[str, Person]) -> None:
    ben, phone = people["Ben"].client, app.test_client()
    ben.post("/language", data={"locale": "fi"})
    phone.post("/language", data={"locale": "sv"})
    followed(typed(phone, code_on(ben)))
    assert word(shown(phone.get("/device"))) == word(shown(ben.get("/me/devices/code")))
    locale, text = word(shown(phone.get("/device")))
    assert locale == "fi"
    assert text in words.WORDS["fi"]
    assert all(len(set(known)) >= 64 for known in words.WORDS.values())


# The list


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (PHONE, "phone Chrome"),
        (LAPTOP, "laptop Firefox"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.5 Mobile/15E148 Safari/604.1", "phone Safari"),
        ("Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "CriOS/142.0 Mobile/15E148 Safari/604.1", "tablet Chrome"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) "
         "SamsungBrowser/28.0 Chrome/130.0 Safari/537.36", "tablet Samsung Internet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 "
         "Safari/537.36 Edg/142.0", "laptop Edge"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "phone Firefox"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.5 Safari/605.1.15", "laptop Safari"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0 "
         "Safari/537.36", "laptop Chrome"),
        ("", "unknown"),
        ("curl/8.5.0", "unknown"),
        ("<script>alert(1)</script>" * 1000, "unknown"),
    ],
)  # fmt: skip
def test_a_device_is_told_by_a_short_list(agent: str, label: str) -> None:
    assert labels.label_of(agent) == label


def test_the_list_has_this_device_first_and_when_the_others_were_used(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben, phone = people["Ben"].client, app.test_client()
    added(phone, ben)
    shown(phone.get("/me/devices", headers={"User-Agent": PHONE}))
    page = shown(ben.get("/me/devices", headers={"User-Agent": LAPTOP}))
    rows = re.findall(r"<b>([^<]+)</b><small class=\"num\">([^<]+)</small>", page)
    assert rows == [("Laptop", "Firefox, this device"), ("Phone", "Chrome, today")]
    assert page.count('name="device"') == 1
    wait(24 * 3600)
    assert "Chrome, yesterday" in ben.get("/me/devices").text
    assert "Ada" not in re.findall(r"<main.*</main>", page, re.S)[0]


def test_when_a_device_was_used_is_kept_to_the_hour_and_by_pages_only(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"

    def seen() -> Any:
        return db.session.scalars(select(SignIn.seen_at).where(SignIn.user_id == ben.id)).one()

    shown(ben.client.get(room))
    first = seen()
    wait(1800)
    shown(ben.client.get(room))
    assert seen() == first
    wait(1801)
    ben.client.get(f"{room}/run", headers=HTMX)
    assert ben.client.post(f"{room}/reflection", data={"text-1": "a word"}).status_code == 303
    assert seen() == first
    shown(ben.client.get(room))
    assert seen() > first


def test_a_device_that_is_signed_out_is_dead_and_so_are_its_sockets(
    app: Flask, people: dict[str, Person], socket_for: Callable[[str], Socket]
) -> None:
    ben, phone = people["Ben"], app.test_client()
    room = f"/m/{ben.meeting_id}"
    added(phone, ben.client)
    page = shown(phone.get(room))
    ours = socket_for("Ben")
    theirs = Socket(app, Person("Ben", ben.id, ben.meeting_id, said(page, r'data-token="([^"]+)"'), phone))
    assert ours.join()["ok"]
    assert theirs.join()["ok"]
    key = said(shown(ben.client.get("/me/devices")), r'name="device" value="(\w+)"')
    for eve, status in ((people["Eve"].client, 303), (app.test_client(), 404)):
        assert eve.post("/me/devices", data={"device": key}).status_code == status
    assert phone.get(room).status_code == 200
    assert followed(ben.client.post("/me/devices", data={"device": key})) == "/me/devices"
    assert phone.get(room).status_code == 404
    assert not theirs.is_connected  # at once, without a background job
    assert ours.is_connected
    assert followed(ben.client.post("/me/devices", data={"device": key})) == "/me/devices"  # pressed twice


def test_signing_out_everywhere_leaves_no_way_back(
    app: Flask, people: dict[str, Person], socket_for: Callable[[str], Socket]
) -> None:
    ben, phone, tablet = people["Ben"], app.test_client(), app.test_client()
    room = f"/m/{ben.meeting_id}"
    added(phone, ben.client)
    added(tablet, ben.client)
    left(tablet)
    socket = socket_for("Ben")
    assert socket.join()["ok"]
    answer = phone.post("/me/devices", data={"everywhere": "yes"})
    assert followed(answer) == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not socket.is_connected
    for client in (phone, ben.client, tablet):
        client.token = None
        assert client.get(room).status_code == 404
        assert client.post("/forget/undo", data={}).status_code == 422
    assert "That was me after all" not in phone.get("/").text
    assert db.session.scalars(select(SignIn).where(SignIn.user_id == ben.id)).all() == []
    assert people["Ada"].client.get(room).status_code == 200


# Leaving


def test_leaving_is_asked_first_and_says_what_it_means(app: Flask, people: dict[str, Person]) -> None:
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    asked = followed(ben.client.post("/forget", data={"next": "/?start=1"}))
    page = shown(ben.client.get(asked))
    assert "there is no way back to these notes" in page
    assert "Use on another device" in page
    assert "Add an e-mail address" in page
    assert 'href="/?start=1"' in page
    assert ben.client.get(room).status_code == 200
    added(app.test_client(), ben.client)
    page = shown(ben.client.get("/forget"))
    assert "there is no way back" not in page
    assert "Your notes are kept on your other devices." in page


def test_who_left_comes_back_until_somebody_else_is_here(
    app: Flask, people: dict[str, Person], house: House
) -> None:
    ben = people["Ben"]
    room = f"/m/{ben.meeting_id}"
    before = ben.client.get_cookie("ementor-who").value  # type: ignore[union-attr]
    answer = left(ben.client, next="/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'  # and no cookies
    assert ben.client.get(room).status_code == 404
    thief = house.new_client()
    thief.set_cookie("ementor-who", before)
    assert thief.get(room).status_code == 404
    assert thief.post("/forget/undo", data={}).status_code == 422
    page = shown(ben.client.get("/"))
    assert "That was me after all" in page
    assert "Ben" not in page
    sent = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("ementor-left=")]
    assert "Max-Age=15552000; HttpOnly" in sent[0]  # it outlives the browser, also one that is closed
    assert followed(ben.client.post("/forget/undo", data={"next": room})) == room
    assert me(ben.client, room) == str(ben.id)
    assert ben.client.get_cookie("ementor-who").value != before  # type: ignore[union-attr]
    assert "That was me after all" not in ben.client.get("/").text


@pytest.mark.parametrize("how", ["joins", "arrives", "ends it"])
def test_who_left_cannot_come_back_after_somebody_else(
    app: Flask, people: dict[str, Person], house: House, how: str
) -> None:
    ben, client = people["Ben"], people["Ben"].client
    left(client)
    kept = client.get_cookie("ementor-left").value  # type: ignore[union-attr]
    if how == "joins":
        followed(client.post(house.join_path, data={"name": "Zoe"}))
    elif how == "arrives":
        added(client, people["Gus"].client)
    else:
        assert followed(client.post("/forget/undo", data={"press": "end"})) == "/"
        assert "That was me after all" not in client.get("/").text
    assert db.session.scalars(select(SignIn).where(SignIn.user_id == ben.id)).all() == []
    old = app.test_client()
    old.set_cookie("ementor-left", kept)
    assert old.post("/forget/undo", data={}).status_code == 422
    assert old.get(f"/m/{ben.meeting_id}").status_code == 404


def test_a_socket_of_who_left_is_closed(
    app: Flask, people: dict[str, Person], socket_for: Callable[[str], Socket]
) -> None:
    ben, ada = socket_for("Ben"), socket_for("Ada")
    assert ben.join()["ok"]
    assert ada.join()["ok"]
    token = people["Ben"].client.get_cookie("ementor-who").value  # type: ignore[union-attr]
    person = db.session.get_one(User, people["Ben"].id)
    person.token = token
    services.leave(actor=person)  # as on another process: only the rounds of this one can know
    assert ben.is_connected
    Background(app.app_context).hang_up()
    assert not ben.is_connected
    assert ada.is_connected


@pytest.mark.parametrize("text", ["", "\x00", "x" * 10_000, "%", "0000000000000000", "🦊", "<script>"])
def test_what_no_page_sends_changes_nothing(app: Flask, people: dict[str, Person], text: str) -> None:
    ben, phone = people["Ben"].client, app.test_client()
    followed(typed(phone, code_on(ben)))
    for path, data in (
        ("/me/devices", {"device": text}),
        ("/me/devices", {"everywhere": text}),
        ("/me/devices/code", {"answer": "yes", "code": text}),
        ("/me/devices/code", {"answer": text, "code": text}),
        ("/forget", {"sure": text, "next": f"//{text}"}),
    ):
        assert ben.post(path, data=data).status_code in {303, 422}
    assert "Is this your device?" in shown(ben.get("/me/devices/code"))
    assert followed(phone.post("/device/arrive", data={})) == "/device"


@pytest.mark.parametrize("path", ["/me/devices", "/me/devices/code"])
def test_a_stranger_finds_no_devices(app: Flask, path: str) -> None:
    stranger: FreshClient = app.test_client()
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, data={"everywhere": "yes"}).status_code == 404


@pytest.mark.parametrize("path", ["/me/devices", "/me/devices/code", "/device", "/forget"])
def test_a_page_that_is_only_looked_at_changes_nothing(people: dict[str, Person], path: str) -> None:
    ben = people["Ben"].client
    shown(ben.get("/"))

    def all_rows() -> list[Any]:
        return [
            [vars(row) | {"_sa_instance_state": None} for row in db.session.scalars(select(model))]
            for model in (SignIn, DeviceCode)
        ]

    code_on(ben)
    before = all_rows()
    shown(ben.get(path))
    assert all_rows() == before


def test_another_device_shows_no_more_than_the_first_of_who_has_an_address(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben = people["Ben"]
    followed(ben.client.post("/me/address", data={"email": "ben@example.org"}))
    followed(ben.client.post("/me/address/code", data={"code": mailed_code()}))
    assert added(app.test_client(), ben.client).get("/me/data.zip").status_code == 200
    wait(3600)
    for client in (ben.client, added(app.test_client(), ben.client)):
        assert followed(client.get("/me/data.zip")).startswith("/me/prove")
        assert client.post("/me/address", data={"press": "remove"}).status_code == 403
    assert db.session.get_one(User, ben.id).email == "ben@example.org"
    gus = people["Gus"]
    assert added(app.test_client(), gus.client).get("/me/data.zip").status_code == 200
