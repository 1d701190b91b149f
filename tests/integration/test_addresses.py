"""An address of one's own, and coming back by a code that is sent there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.addresses import services
from ementor.accounts.models import MailCode, User
from ementor.database import db
from ementor.mail.models import Letter
from tests.support.inside import FreshClient
from tests.support.people import Person, csrf_token, followed, shown

NOORA = "Noora.Niemi@example.org"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def letters(to: str | None = None) -> list[Letter]:
    """Return what is going to be sent, in order."""
    db.session.rollback()
    wanted = select(Letter).where(Letter.until > clock.now()).order_by(Letter.id)
    return [letter for letter in db.session.scalars(wanted) if to in {None, letter.to}]


def newest_code(to: str | None = None) -> str:
    found = re.search(r"^(\d{6})$", letters(to)[-1].text, re.MULTILINE)
    assert found
    return found[1]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def ask(client: FreshClient, email: str, at: str = "/sign-in", **how: Any) -> Any:
    return client.post(at, data={"email": email}, **how)


def enter(client: FreshClient, code: str, at: str = "/sign-in/code") -> Any:
    return client.post(at, data={"code": code})


def add(person: Person, email: str = NOORA) -> None:
    assert followed(ask(person.client, email, "/me/address")) == "/me/address/code"
    assert followed(enter(person.client, newest_code(), "/me/address/code")) == "/me/address"


def who(client: FreshClient) -> User | None:
    cookie = client.get_cookie("ementor-who")
    db.session.rollback()
    return accounts.person_of(cookie.value) if cookie else None


def of_no_session(page: str) -> str:
    return re.sub(r'(content|value)="[\w.-]{60,}"', "", page)


# Having one


def test_who_adds_an_address_keeps_everything_under_a_new_sign_in(people: dict[str, Person]) -> None:
    ben = people["Ben"]
    before = ben.client.get_cookie("ementor-who").value
    page = shown(ben.client.get("/me/address"))
    assert "Add an e-mail address" in page
    add(ben)
    person = who(ben.client)
    assert person is not None
    assert (person.id, person.email, person.email_key) == (ben.id, NOORA, NOORA.lower())
    assert accounts.person_of(before) is None
    assert NOORA in shown(ben.client.get("/me/address"))
    shown(ben.client.get(f"/m/{ben.meeting_id}"))


def test_one_comes_back_in_another_browser_and_only_by_pressing(
    app: Flask, people: dict[str, Person]
) -> None:
    add(people["Ben"])
    phone = app.test_client()
    assert followed(ask(phone, "  noora.niemi@EXAMPLE.org ")) == "/sign-in/code"
    page = shown(phone.get("/sign-in/code"))
    for words in ('for="code"', 'autocomplete="one-time-code"', 'inputmode="numeric"', "Sign in</button>"):
        assert words in page
    code = newest_code()
    for method in ("GET", "HEAD"):
        for path in ("/sign-in", "/sign-in/code", f"/sign-in/code?code={code}", f"/sign-in?code={code}"):
            phone.open(path, method=method)
            app.test_client().open(path, method=method)
    assert who(phone) is None
    answer = enter(phone, code)
    assert followed(answer) == "/notes"
    assert getattr(who(phone), "id", None) == people["Ben"].id
    shown(phone.get(f"/m/{people['Ben'].meeting_id}"))
    assert who(people["Ben"].client) is not None


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/g/1", "/g/1"),
        *(
            (bad, "/")
            for bad in ("//evil.example", "/\\evil.example", "https://evil.example", "/%2F%2fevil", "x")
        ),
    ],
)
def test_r18_it_leads_on_within_this_site_only(
    app: Flask, people: dict[str, Person], wanted: str, led: str
) -> None:
    add(people["Ben"])
    phone = app.test_client()
    page = shown(phone.get("/sign-in", query_string={"next": wanted}))
    assert f'name="next" value="{led}"' in page
    phone.post("/sign-in", data={"email": NOORA, "next": wanted})
    assert followed(enter(phone, newest_code())) == led


def test_an_address_of_somebody_else_is_answered_like_a_free_one_until_it_is_proved(
    app: Flask, people: dict[str, Person]
) -> None:
    add(people["Ben"])
    gus = people["Gus"].client
    said = []
    for email in ("free@example.org", NOORA):
        answer = ask(gus, email, "/me/address")
        page = of_no_session(shown(gus.get(followed(answer))))
        wrong = of_no_session(enter(gus, another(newest_code()), "/me/address/code").text)
        wrong = re.sub(r'value="\d{6}"', "", wrong)
        said.append((answer.status_code, page.replace(email, "."), wrong.replace(email, ".")))
    assert said[0] == said[1]
    assert [letter.to for letter in letters()[-2:]] == ["free@example.org", NOORA]
    assert letters()[-2].text.split()[1:] == letters()[-1].text.split()[1:]
    # Who reads what is sent there is the one whose address it is: they are asked whether both are one.
    assert followed(enter(gus, newest_code(), "/me/address/code")).startswith("/me/one")
    assert getattr(who(gus), "id", None) == people["Ben"].id
    assert db.session.get_one(User, people["Gus"].id).email is None


def test_of_two_who_want_the_same_address_the_first_has_it(people: dict[str, Person]) -> None:
    codes = {}
    for name in ("Ben", "Gus"):
        ask(people[name].client, NOORA, "/me/address")
        codes[name] = newest_code()
    followed(enter(people["Ben"].client, codes["Ben"], "/me/address/code"))
    assert followed(enter(people["Gus"].client, codes["Gus"], "/me/address/code")).startswith("/me/one")
    owners = db.session.scalars(select(User.id).where(User.email_key == NOORA.lower())).all()
    assert owners == [people["Ben"].id]


def test_r19_an_address_is_changed_or_removed_by_who_proves_it_and_the_old_one_is_told(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben = people["Ben"].client
    add(people["Ben"])
    wait(31 * 60)
    assert ask(ben, "new@example.org", "/me/address").status_code == 403
    assert ben.post("/me/address", data={"press": "remove"}).status_code == 403
    assert not letters()
    assert 'name="email"' not in shown(ben.get("/me/address"))
    assert "Confirm that" in shown(ben.get("/me/prove?to=/me/address"))
    assert not letters()  # a GET sends nothing
    assert followed(ben.post("/me/prove", data={"to": "/me/address"})) == "/me/address/code"
    assert [letter.to for letter in letters()] == [NOORA]
    assert followed(enter(ben, newest_code(), "/me/address/code")) == "/me/address"
    followed(ask(ben, "new@example.org", "/me/address"))
    followed(enter(ben, newest_code("new@example.org"), "/me/address/code"))
    assert getattr(who(ben), "email", None) == "new@example.org"
    assert "no longer used" in letters(NOORA)[-1].text
    before = ben.get_cookie("ementor-who").value
    assert followed(ben.post("/me/address", data={"press": "remove"})) == "/me/address"
    assert "no longer used" in letters("new@example.org")[-1].text
    assert getattr(who(ben), "email_key", "?") is None
    assert accounts.person_of(before) is None


def test_a_code_for_a_new_address_is_of_no_use_to_who_got_another_meanwhile(
    people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    ben = people["Ben"]
    followed(ask(ben.client, "late@example.org", "/me/address"))
    code = newest_code()
    person = db.session.get_one(User, ben.id)
    person.email = person.email_key = "first@example.org"
    db.session.commit()
    assert enter(ben.client, code, "/me/address/code").status_code == 403
    assert getattr(who(ben.client), "email", None) == "first@example.org"


def test_it_is_fresh_for_half_an_hour_on_the_device_that_proved_it(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    guest = who(people["Gus"].client)
    assert guest is not None
    assert services.fresh(guest)  # there is nothing to prove it with
    add(people["Ben"])
    laptop, phone = people["Ben"].client, app.test_client()
    wait(29 * 60)
    ask(phone, NOORA)
    enter(phone, newest_code())
    for client, is_fresh in ((laptop, True), (phone, True)):
        assert services.fresh(who(client)) is is_fresh  # type: ignore[arg-type]
    wait(60)
    for client, is_fresh in ((laptop, False), (phone, True)):
        assert services.fresh(who(client)) is is_fresh  # type: ignore[arg-type]
    assert followed(phone.get("/me/prove?to=/notes")) == "/notes"
    assert "Confirm that" in shown(laptop.get("/me/prove?to=//evil.example"))


def test_who_adds_an_address_to_prove_it_gets_no_second_one(people: dict[str, Person]) -> None:
    gus = people["Gus"].client
    assert followed(gus.get("/me/prove?to=/notes")) == "/notes"
    assert followed(gus.post("/me/prove", data={"to": "/notes"})) == "/notes"
    assert followed(gus.post("/me/address", data={"press": "remove"})) == "/me/address"
    assert not letters()


# Codes


@contextmanager
def statements() -> Iterator[list[str]]:
    """List what is asked of the database, without what differs by name only."""
    heard: list[str] = []

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(db.engine, "before_cursor_execute", hear)


def test_r15_known_and_unknown_addresses_are_answered_by_the_same_work(
    app: Flask, people: dict[str, Person]
) -> None:
    add(people["Ben"])
    heard, said = [], []
    for email in (NOORA, "nobody@example.org"):
        client, before = app.test_client(), len(letters())
        client.get("/")
        with statements() as statements_of:
            answer = ask(client, email)
            page = client.get("/sign-in/code")
            wrong = enter(client, "000000")
            again = client.post("/sign-in/code", data={"press": "again"})
            known = enter(client, "000000")
        heard.append(statements_of)
        assert len(letters()) - before == (2 if email == NOORA else 0)
        texts = [of_no_session(one.text).replace(email, ".") for one in (answer, page, wrong, again, known)]
        heads = [(one.status_code, sorted(one.headers.keys())) for one in (answer, page, wrong, again, known)]
        said.append((texts, heads))
    assert len(heard[0]) > 10
    assert heard[0] == heard[1]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "pasted", ["{} {}", " {}{}\n", "Your code: {}{}.", "{}-{} (10 min)", "\u00a0{}\u00a0{}"]
)
def test_a_code_is_taken_as_it_is_pasted(app: Flask, people: dict[str, Person], pasted: str) -> None:
    add(people["Ben"])
    phone = app.test_client()
    ask(phone, NOORA)
    code = newest_code()
    assert followed(enter(phone, pasted.format(code[:3], code[3:]))) == "/notes"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abc", "١٢٣٤٥٦", "\0", "9" * 5000])
def test_what_is_no_code_costs_no_try(app: Flask, people: dict[str, Person], typed: str) -> None:
    add(people["Ben"])
    phone = app.test_client()
    ask(phone, NOORA)
    for _ in range(6):
        answer = enter(phone, typed)
        assert answer.status_code == 422
        assert "The code has six digits." in answer.text
    assert followed(enter(phone, newest_code())) == "/notes"


def test_after_five_wrong_tries_no_code_is_right_but_a_new_one(app: Flask, people: dict[str, Person]) -> None:
    add(people["Ben"])
    phone = app.test_client()
    ask(phone, NOORA)
    code = newest_code()
    for left in (
        "4 tries left",
        "3 tries left",
        "2 tries left",
        "1 try left",
        "Too many wrong",
        "Too many wrong",
    ):
        answer = enter(phone, another(code))
        assert answer.status_code == 422
        assert left in answer.text
    answer = enter(phone, code)
    assert answer.status_code == 422
    assert who(phone) is None
    assert followed(phone.post("/sign-in/code", data={"press": "again"})).startswith("/sign-in/code")
    assert followed(enter(phone, newest_code())) == "/notes"


def test_a_code_works_once_and_only_the_newest_in_the_browser_that_asked(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    add(people["Ben"])
    phone, thief = app.test_client(), app.test_client()
    codes = []
    for _ in range(2):
        ask(phone, NOORA)
        codes.append(newest_code())
    assert followed(enter(thief, codes[1])) == "/sign-in"  # who has asked for nothing can enter nothing
    ask(thief, NOORA)
    assert enter(thief, codes[1]).status_code == 422
    old = enter(phone, codes[0])
    assert (old.status_code, codes[0] == codes[1]) == (422, False)
    cookies = {name: phone.get_cookie(name).value for name in ("ementor",)}
    assert followed(enter(phone, codes[1])) == "/notes"  # what somebody else asked for has not ended it
    wait(61)
    again = app.test_client()
    again.set_cookie("ementor", cookies["ementor"])
    again.token = phone.token
    answer = enter(again, codes[1])
    assert (answer.status_code, "has already been used" in answer.text) == (422, True)
    assert who(again) is None


def test_tries_at_once_are_counted_one_by_one(app: Flask, people: dict[str, Person]) -> None:
    add(people["Ben"])

    def at_once(code: str) -> list[services.Answer]:
        def enter_it(_: int) -> services.Answer:
            with app.app_context():
                return services.enter(code, "a browser", actor=None)

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(enter_it, range(8)))

    asker = services.Asker("a browser", "a network", None)
    services.ask(NOORA, asker, actor=None)
    answers = at_once(another(newest_code()))
    left = sorted(answer.wrong or "" for answer in answers)
    assert sum("doesn't match" in wrong for wrong in left) == services.TRIES - 1
    assert sum("Too many" in wrong for wrong in left) == 4
    services.ask(NOORA, asker, actor=None)
    answers = at_once(newest_code())
    assert [answer.person.id for answer in answers if answer.person] == [people["Ben"].id]


def test_a_form_that_is_sent_twice_brings_one_in_once(app: Flask, people: dict[str, Person]) -> None:
    ben = people["Ben"].client
    ask(ben, NOORA, "/me/address")
    phone = app.test_client()
    for client, at in ((ben, "/me/address"), (phone, "/sign-in")):
        if client is phone:
            ask(phone, NOORA)
        cookies = [client.get_cookie(name) for name in ("ementor", "ementor-who")]
        first = enter(client, newest_code(), f"{at}/code")
        came = client.get_cookie("ementor-who").value
        for cookie in filter(None, cookies):  # the first answer never came
            client.set_cookie(cookie.key, cookie.value)
        second = enter(client, newest_code(), f"{at}/code")
        assert followed(first) == followed(second)
        assert client.get_cookie("ementor-who").value == came
        assert getattr(who(client), "id", None) == people["Ben"].id


def test_a_code_is_good_for_ten_minutes_by_the_servers_clock(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    add(people["Ben"])
    for seconds, status in ((599, 303), (600, 422)):
        phone = app.test_client()
        ask(phone, NOORA)
        code = newest_code()
        wait(seconds)
        assert enter(phone, code).status_code == status


def test_a_code_is_of_use_to_the_person_who_asked_only(people: dict[str, Person]) -> None:
    ben, gus = people["Ben"].client, people["Gus"].client
    ask(ben, NOORA, "/me/address")
    for name in ("ementor-who",):  # somebody else uses this browser now
        ben.set_cookie(name, gus.get_cookie(name).value)
    assert followed(enter(ben, newest_code(), "/me/address/code")) == "/me/address"
    assert db.session.scalar(select(func.count()).where(User.email.is_not(None))) == 0


def test_strangers_find_no_page_of_an_address(app: Flask) -> None:
    for path in ("/me/address", "/me/address/code", "/me/prove"):
        assert app.test_client().get(path).status_code == 404
        assert app.test_client().post(path, data={"email": NOORA}).status_code == 404


# What is typed


@pytest.mark.parametrize(
    "email",
    [
        "", "noora", "@example.org", "noora@", "noora@example", "a@b@example.org", "noora @example.org",
        "noora@exam ple.org", ".noora@example.org", "no..ora@example.org", "noora@-example.org",
        "noora@example..org", "noora@[127.0.0.1]", "noora@127.0.0.1", '"a b"@example.org',
        "Noora <noora@example.org>", "noora@example.org,eve@example.org",
        "noora@example.org\nBcc: eve@example.org", "noora@example.org\r\n\r\nHello",
        "noora\0@example.org", "noora\u202e@example.org", "näöra@example.org",
        "n" * 65 + "@example.org", "n@" + "e" * 64 + ".org", "n@" + "e." * 130 + "org", "n" * 50_000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_kept_in_the_field(app: Flask, email: str) -> None:
    client = app.test_client()
    answer = ask(client, email)
    assert answer.status_code == 422
    assert 'id="email-wrong"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(MailCode)) == 0
    assert not letters()


@pytest.mark.parametrize(
    ("written", "reached", "same"),
    [
        ("Noora+mentor@Example.ORG", "Noora+mentor@example.org", "noora+MENTOR@example.org"),
        ("noora@ääkköset.fi", "noora@xn--kkset-fraa0m.fi", "NOORA@A\u0308A\u0308KKÖSET.fi"),
    ],
)
def test_an_address_is_one_however_it_is_written(
    app: Flask, people: dict[str, Person], written: str, reached: str, same: str
) -> None:
    add(people["Ben"], written)
    assert letters()[-1].to.lower() == reached.lower()
    assert getattr(who(people["Ben"].client), "email", None) == written
    phone = app.test_client()
    ask(phone, same)
    assert followed(enter(phone, newest_code())) == "/notes"


def test_a_letter_speaks_the_askers_language_and_leads_nowhere_that_signs_in(
    app: Flask, people: dict[str, Person]
) -> None:
    add(people["Ben"])
    for locale, words in (
        ("fi", "10 minuutin kuluessa"),
        ("sv", "inom 10 minuter"),
        ("en", "within 10 minutes"),
    ):
        client, elsewhere = app.test_client(), "http://evil.example"
        client.token = csrf_token(client.get("/", base_url=elsewhere).text)
        sent = ask(client, NOORA, headers={"Accept-Language": locale}, base_url=elsewhere)
        assert sent.status_code == 303
        letter = letters()[-1]
        assert words in letter.text
        assert "http" not in letter.text  # no address is known of this server, and a request's is anybody's
        assert not re.search(r"\d{6}", letter.subject)
    app.config["ORIGINS"] = ["https://room.example.org"]
    ask(app.test_client(), NOORA)
    assert re.findall(r"https?://\S*", letters()[-1].text) == ["https://room.example.org"]


# Budgets


def test_r16_letters_to_an_address_have_a_budget_and_no_answer_tells(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    add(people["Ben"])
    said = []
    for email in (NOORA, "nobody@example.org"):
        phone = app.test_client()
        texts = [ask(phone, email).text for _ in range(services.ONE_ASKER_AND_ADDRESS)]
        codes = [letter.text.split()[0] for letter in letters(NOORA)[-5:]]
        wrong = next(code for code in (f"{number:06d}" for number in range(9)) if code not in codes)
        texts.append(enter(phone, wrong).text)
        texts += [ask(phone, email).text, phone.get("/sign-in/code").text, enter(phone, wrong).text]
        said.append([of_no_session(text).replace(email, ".") for text in texts])
        if email == NOORA:
            sent = len(letters())
            asked_here = phone
    assert said[0] == said[1]
    assert "3 tries left" in said[0][-1]  # of the code that was sent, as there is no newer one
    assert len(letters()) == sent == 1 + services.ONE_ASKER_AND_ADDRESS
    # Whoever it is the address of is not locked out: elsewhere at once, and here after an hour.
    other = app.test_client()
    ask(other, NOORA, environ_base=ELSEWHERE)
    assert len(letters()) == sent + 1
    assert followed(enter(asked_here, letters()[-2].text.split()[0])) == "/notes"
    wait(3601)
    later = app.test_client()
    ask(later, NOORA)
    assert followed(enter(later, newest_code())) == "/notes"


def test_r16_the_owner_can_prove_their_address_whoever_uses_up_its_letters(
    app: Flask, people: dict[str, Person], wait: Callable[[float], None]
) -> None:
    add(people["Ben"])
    wait(31 * 60)
    for number in range(services.ONE_ADDRESS + 3):
        ask(app.test_client(), NOORA, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
    assert len(letters()) == services.ONE_ADDRESS
    ben = people["Ben"].client
    followed(ben.post("/me/prove", data={"to": "/notes"}))
    assert followed(enter(ben, newest_code(), "/me/address/code")) == "/notes"


def test_r16_a_code_that_was_not_sent_is_never_right(
    app: Flask, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(people["Ben"])
    monkeypatch.setattr(services.secrets, "randbelow", lambda _: 42)  # what a guess happens to be
    for _ in range(services.ONE_ASKER_AND_ADDRESS):
        ask(app.test_client(), NOORA)
    assert newest_code() == "000042"
    phone = app.test_client()
    ask(phone, NOORA)
    assert enter(phone, "000042").status_code == 422
    assert who(phone) is None


def test_r16_one_asker_one_person_and_all_together_have_budgets_too(
    app: Flask, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = people["Ben"].client
    for number in range(services.ONE_PERSON + 2):
        ask(ben, f"n{number}@example.org", "/me/address", environ_base=ELSEWHERE)
    assert len(letters()) == services.ONE_PERSON
    for number in range(services.ONE_ASKER):
        assert ask(app.test_client(), f"n{number}@example.org").status_code == 303
    refused = ask(app.test_client(), "one@example.org")
    assert (refused.status_code, "in an hour" in refused.text) == (429, True)
    gus = people["Gus"].client
    monkeypatch.setattr(services, "ALL_LETTERS", services.ONE_PERSON + 1)
    for number in range(3):
        ask(gus, f"g{number}@example.org", "/me/address", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert len(letters()) == services.ONE_PERSON + 1  # what goes to addresses that nobody has is not counted


def test_r16_an_asker_is_a_network_where_addresses_cost_nothing(app: Flask) -> None:
    for number in range(3):
        ask(app.test_client(), NOORA, environ_base={"REMOTE_ADDR": f"2001:db8::{number}:1"})
    ask(app.test_client(), NOORA, environ_base={"REMOTE_ADDR": "2001:db8:0:1::1"})
    askers = db.session.scalars(select(MailCode.asker_hash)).all()
    assert (len(askers), len(set(askers))) == (4, 2)


def test_old_codes_are_swept(app: Flask, wait: Callable[[float], None]) -> None:
    ask(app.test_client(), NOORA)
    wait(86_390)
    ask(app.test_client(), NOORA)
    count = select(func.count()).select_from(MailCode)
    services.sweep()
    assert db.session.scalar(count) == 2
    wait(20)
    services.sweep()
    assert db.session.scalar(count) == 1
