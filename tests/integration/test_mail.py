"""Letters: put down, sent once, tried again, given up; and what no log tells of them."""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from ementor import clock, config
from ementor.database import db, transactional
from ementor.errors import Conflict
from ementor.mail import sending, services
from ementor.mail.models import Letter
from tests.support.databases import Settings
from tests.support.machine import wait_until
from tests.support.mailbox import PASSWORD, SENDER, USER, Mailbox, certificate
from tests.support.outside import RemoteClient, Server
from tests.support.people import followed, shown
from tests.support.servers import Redis

TO = "noora@example.org"
SUBJECT = "Koodisi ementoriin: äö åÅ" + " pitkä" * 25
TEXT = "123456\n\nTämä on koodisi.\n.\nHei.\n"
ALONE = f"{quote(USER)}:{quote(PASSWORD)}@"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().open() as mailbox:
        yield mailbox


@pytest.fixture
def mailing(app: Flask, mailbox: Mailbox) -> Flask:
    """The application, with a mail server."""
    return sends_to(app, mailbox.settings())


def sends_to(app: Flask, settings: dict[str, str]) -> Flask:
    read = {setting.name: setting for setting in config.SETTINGS}
    app.config.update({name: read[name].value(value) for name, value in settings.items()})
    return app


@transactional
def post(to: str = TO, subject: str = SUBJECT, minutes: float = 10) -> None:
    services.post(to, subject, TEXT, until=clock.now() + timedelta(minutes=minutes))


def waiting() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Letter)) or 0


def own_words(caplog: pytest.LogCaptureFixture) -> str:
    """Return what was logged, but for what the tests' mail server logs of itself."""
    records = (record for record in caplog.records if record.name != "mail.log")
    return "\n".join(f"{record.getMessage()} {record.exc_info or ''}" for record in records)


# One letter


def test_a_letter_is_plain_text_with_headers_of_one_line_each(mailing: Flask, mailbox: Mailbox) -> None:
    mailing.config["ORIGINS"] = ["https://room.example.fi"]
    post()
    sending.send_due()
    (letter,) = mailbox.letters
    assert (letter["From"], letter["To"], letter["Subject"]) == (SENDER, TO, SUBJECT)
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().replace("\r\n", "\n") == TEXT
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@room.example.fi>")
    assert abs(parsedate_to_datetime(letter["Date"]) - clock.now()) < timedelta(minutes=1)
    assert max(len(line) for line in letter.as_string().splitlines()) <= 80
    assert waiting() == 0


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        (f"{TO}\nBcc: eve@example.org", "Hi"),
        (TO, "Hi\r\nBcc: eve@example.org"),
        (TO, "\0"),
        ("näö@a.fi", "Hi"),
    ],
)
def test_r31_no_header_has_a_second_line(app: Flask, to: str, subject: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        post(to, subject)
    assert waiting() == 0


def test_what_is_rolled_back_is_never_sent(mailing: Flask, mailbox: Mailbox) -> None:
    @transactional
    def fail() -> None:
        post()
        raise Conflict

    with pytest.raises(Conflict):
        fail()
    post("ben@example.org")
    sending.send_due()
    assert [letter["To"] for letter in mailbox.letters] == ["ben@example.org"]


def test_without_a_server_a_letter_is_shown(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    post()
    sending.send_due()
    shown_there = capsys.readouterr().out
    for words in (TO, "Koodisi ementoriin", "123456", "SMTP_URL"):
        assert words in shown_there
    assert waiting() == 0


# What a server says, or does not


def test_a_letter_that_is_not_taken_now_is_tried_again_later(
    mailing: Flask, mailbox: Mailbox, wait: Callable[[float], None]
) -> None:
    mailbox.answers = ["451 greylisted", "450 still"]
    post()
    for waits, asked in ((0, 1), (9, 1), (1.1, 2), (19, 2), (1.1, 3), (3600, 3)):
        wait(waits)
        sending.send_due()
        assert mailbox.asked == asked
    assert len(mailbox.letters) == 1
    assert waiting() == 0


def test_a_letter_that_is_refused_is_dropped_and_the_others_go_on(
    mailing: Flask, mailbox: Mailbox, wait: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.answers = [f"550 {TO} is unknown, code 123456"]
    post()
    post("ben@example.org")
    with caplog.at_level(logging.DEBUG):
        sending.send_due()
    assert [letter["To"] for letter in mailbox.letters] == ["ben@example.org"]
    assert waiting() == 0
    said = own_words(caplog)
    assert "550" in said
    assert "cannot be delivered" in said
    assert not re.search(r"noora|ben@|123456|Koodisi", said)


def test_a_server_that_is_away_gets_the_letter_when_it_is_back(
    app: Flask, wait: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    mailbox = Mailbox()
    sends_to(app, mailbox.settings())
    post()
    post("late@example.org", minutes=0.5)
    for _ in range(3):
        sending.send_due()
        wait(11)
    assert not re.search(r"noora|late@|123456", own_words(caplog))
    assert "left for later" in own_words(caplog)
    with mailbox.open():
        wait(60)
        sending.send_due()
    assert [letter["To"] for letter in mailbox.letters] == [TO]  # the other is of no use any more
    assert waiting() == 0


def test_what_the_server_says_of_us_is_no_judgement_on_a_letter(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Callable[[float], None]
) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    mailbox = Mailbox()
    post()
    with mailbox.open(tls_context=tls, authenticator=mailbox.log_in, auth_required=True):
        sends_to(app, mailbox.settings(user="room:wrong@", host="localhost"))
        sending.send_due()
        assert (set(mailbox.logins), mailbox.letters, waiting()) == ({"room"}, [], 1)
        wait(11)
        sends_to(app, mailbox.settings(user=ALONE, host="localhost"))
        sending.send_due()
    assert mailbox.logins[-1] == USER
    assert mailbox.secure == [True]
    assert waiting() == 0


def test_a_password_goes_only_to_a_server_with_a_good_certificate(
    app: Flask, tmp_path: Path, wait: Callable[[float], None]
) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    post()
    for how in ({}, {"tls_context": tls}):  # no TLS at all; a certificate that nobody vouches for
        mailbox = Mailbox()
        known: dict[str, Any] = {"authenticator": mailbox.log_in, "auth_require_tls": False}
        sends_to(app, mailbox.settings(user=ALONE, host="localhost"))
        with mailbox.open(**known, **how):
            sending.send_due()
        assert (mailbox.logins, mailbox.letters, waiting()) == ([], [], 1)
        wait(60)
    local = Mailbox()
    sends_to(app, local.settings(host="localhost"))  # without a password it is better than no encryption
    with local.open(tls_context=tls):
        sending.send_due()
    assert local.secure == [True]


def test_a_server_that_hangs_holds_up_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ANSWER_WITHIN_S", 1.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        sends_to(app, {"SMTP_URL": f"smtp://127.0.0.1:{deaf.getsockname()[1]}", "MAIL_FROM": SENDER})
        post()
        job = sending.Post()
        job()
        first = job.worker
        assert first is not None
        job()  # the next run comes while it waits
        assert job.worker is first
        first.join(15)
        assert not first.is_alive()
    assert waiting() == 1


# Who sends


def test_whoever_takes_a_letter_has_it_alone_and_not_for_ever(
    app: Flask, wait: Callable[[float], None]
) -> None:
    post()
    taken = services.take()
    assert taken is not None
    assert services.take() is None
    assert not services.is_any_due()
    wait(services.TAKEN_FOR.total_seconds() + 1)  # whoever had it was killed
    again = services.take()
    assert again is not None
    assert (again.id, again.tries) == (taken.id, 2)


def add(client: RemoteClient, email: str) -> None:
    assert followed(client.post("/me/address", data={"email": email})) == "/me/address/code"


def code_in(mailbox: Mailbox, to: str) -> str:
    wait_until(lambda: mailbox.to(to), f"a letter to {to}")
    return str(mailbox.to(to)[-1].get_content()).split()[0]


def test_a_code_comes_by_a_real_mail_server_and_no_log_tells_of_it(
    start_server: Callable[..., Server], sqlite_settings: Settings, mailbox: Mailbox
) -> None:
    server = start_server(sqlite_settings | mailbox.settings())
    ben = server.client_for("Ben")
    mailbox.answers = ["550 no such user", "451 later"]
    add(ben, "bounces@example.org")
    add(ben, TO)
    wait_until(lambda: mailbox.asked == 2, "both letters to be tried")
    wait_until(lambda: "left for later" in server.log(), "the answer to be heard")
    server.pass_time(timedelta(seconds=11))
    code = code_in(mailbox, TO)
    assert followed(ben.post("/me/address/code", data={"code": code})) == "/me/address"
    phone = RemoteClient(server.url)
    assert followed(phone.post("/sign-in", data={"email": TO})) == "/sign-in/code"
    wait_until(lambda: len(mailbox.to(TO)) == 2, "a second code")
    assert phone.post("/sign-in/code", data={"code": "1" * 6}).status_code == 422
    codes = [code, code_in(mailbox, TO)]
    assert followed(phone.post("/sign-in/code", data={"code": codes[1]})) == "/notes"
    shown(phone.get(f"/m/{server.house.person('Ben').meeting_id}"))
    assert server.stop() == 0
    log = server.log()
    assert "cannot be delivered" in log
    assert TO in "".join(str(letter) for letter in mailbox.letters)  # the markers are the right ones
    for marker in (TO, "bounces", "example.org", *codes):
        assert marker not in log


def test_without_a_mail_server_the_terminal_shows_the_code(server: Server) -> None:
    ben = server.client_for("Ben")
    add(ben, TO)
    wait_until(lambda: TO in server.log(), "the letter in the terminal")
    code = re.findall(r"^ +\| (\d{6})$", server.log(), re.MULTILINE)[-1]
    assert followed(ben.post("/me/address/code", data={"code": code})) == "/me/address"
    assert server.log().count(code) == 1


def test_of_two_processes_one_sends_each_letter(
    start_server: Callable[..., Server], postgres_settings: Settings, redis: Redis, mailbox: Mailbox
) -> None:
    settings = postgres_settings | {"REDIS_URL": redis.url} | mailbox.settings()
    first = start_server(settings)
    second = start_server(settings, first.house)
    wanted = []
    for number in range(8):
        for name, server in (("Ben", first), ("Gus", second)):
            wanted.append(f"{name}{number}@example.org")
            add(server.client_for(name), wanted[-1])
    wait_until(lambda: len(mailbox.letters) >= len(wanted), "all letters", 30)
    add(first.client_for("Ben"), "last@example.org")
    code_in(mailbox, "last@example.org")
    assert sorted(letter["To"] for letter in mailbox.letters) == sorted([*wanted, "last@example.org"])


def test_who_dies_before_a_letter_is_dropped_leaves_it_to_be_sent_twice_at_most(
    start_server: Callable[..., Server], sqlite_settings: Settings, mailbox: Mailbox
) -> None:
    server = start_server(sqlite_settings | mailbox.settings())
    mailbox.holds.set()  # the letter has come, and the answer has not
    add(server.client_for("Ben"), TO)
    code = code_in(mailbox, TO)
    server.kill()
    mailbox.holds.clear()
    server.start()
    server.pass_time(services.TAKEN_FOR + timedelta(seconds=1))
    wait_until(lambda: len(mailbox.to(TO)) == 2, "the letter once more")
    server.pass_time(services.TAKEN_FOR)
    add(server.client_for("Gus"), "gus@example.org")
    code_in(mailbox, "gus@example.org")
    assert [str(letter.get_content()).split()[0] for letter in mailbox.to(TO)] == [code, code]
