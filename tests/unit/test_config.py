"""Settings: what is understood, and what is refused with the words that are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ementor import config

GOOD = {"SECRET_KEY": "s" * 32, "DATABASE_URL": "postgresql://u@h/n"}


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in config.NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in (GOOD | environment).items():
        monkeypatch.setenv(name, value)
    return config.settings_from()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *(("HTTPS", word, True) for word in ("1", "true", "yes", "YES")),
        *(("HTTPS", word, False) for word in ("0", "false", "no", "No", "")),
        ("EMENTOR_HTTPS", "1", True),
        *(("PROXIES", text, value) for text, value in (("1", 1), ("0", 0), ("", None))),
        ("PORT", "8000", 8000),
        (
            "ORIGINS",
            "https://a.example  http://b.example:8000",
            ["https://a.example", "http://b.example:8000"],
        ),
        ("DATABASE_URL", "postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("FRAME_ANCESTORS", "", "'none'"),
        ("MAIL_FROM", "Örn <room@example.org>", "Örn <room@example.org>"),
        ("BODY", " Yrkeshögskolan Humak ", "Yrkeshögskolan Humak"),
        ("CONTACT", "room@example.org", "mailto:room@example.org"),
        ("CONTACT", "mailto:room@example.org", "mailto:room@example.org"),
        ("FEEDBACK", "https://example.org/form?from=room", "https://example.org/form?from=room"),
        ("STATEMENT_DATE", "2026-11-30", date(2026, 11, 30)),
        ("PRIVACY_PAGE", "https://example.org/privacy", "https://example.org/privacy"),
        ("BACKUP_DAYS", "0", 0),
        ("BACKUP_DAYS", "", None),
    ],
)
def test_what_is_understood(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: Any) -> None:
    assert read(monkeypatch, **{name: text})[name.removeprefix("EMENTOR_")] == value


@pytest.mark.parametrize(
    ("name", "text", "understood"),
    [
        *(("HTTPS", word, "say 1, true, yes or 0, false, no") for word in ("on", "off", "ja", "2", " ")),
        *(("PROXIES", word, "say a number from 0 to 9") for word in ("one", "-1", "1.5", "²", "10", "true")),
        *(("PORT", word, "say a number from 1 to 65535") for word in ("http", "0", "65536", "1" * 5000)),
        *(("ORIGINS", text, "https://room.example.org") for text in (
            "*", "room.example.org", "https://*.example.org", "https://a.example/", "https://a.example null",
            "https://u@a.example", "ftp://a.example", "https://",
        )),
        ("REDIS_URL", "localhost:6379", "say redis://"),
        ("DATABASE_URL", "mysql://u:topsecret@h/n", "say postgresql://"),
        ("FRAME_ANCESTORS", "'self'; script-src *", "origins"),
        ("EMENTOR_HTTP", "1", "EMENTOR_HTTP is not a setting"),
        *(("SMTP_URL", text, "say smtp://user:password@host:587") for text in (
            "mail.example.org", "http://mail.example.org", "smtp://", "smtp://mail.example.org:0",
            "smtp://mail.example.org:http", "smtp://u:topsecret@mail.example.org/x", "smtp://a b.example.org",
            "smtp://u:topsecret@mail.example.org?tls=no",
        )),
        *(("SMTP_URL", text, "both a user and a password") for text in (
            "smtp://topsecret@mail.example.org", "smtp://:topsecret@mail.example.org",
        )),
        *(("MAIL_FROM", text, "say room@example.org") for text in (
            "room", "room@", "a@example.org, b@example.org", "room@example.org\nBcc: e@example.org", "@x.org",
            "Örn <örn@example.org>", "Room <room@example.org", "<room@example.org>",
        )),
        *(("BODY", text, "in one line of at most") for text in (" ", "a\nb", "x" * 201)),
        *((name, text, "say room@example.org, or https://") for name in ("CONTACT", "FEEDBACK") for text in (
            "room", "room@example", "http://example.org", "javascript:alert(1)", "https://", "tel:+358",
            "room@example.org?bcc=e@x.org", "https://someone@example.org", "https://example.org/\"x",
            "a b@x.org",
        )),
        *(("PRIVACY_PAGE", text, "say https://example.org/privacy") for text in (
            "http://example.org", "example.org", "room@example.org", "https://a.example/ b",
        )),
        *(("STATEMENT_DATE", text, "say a date as") for text in ("30.11.2026", "2026-13-01", "today")),
        *(("BACKUP_DAYS", text, "say a number") for text in ("a week", "-1", "3651")),
    ],
)  # fmt: skip
def test_r42_what_is_not_understood_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, understood: str
) -> None:
    with pytest.raises(config.CannotStart) as refused:
        read(monkeypatch, **{name: text})
    assert understood in str(refused.value)
    assert name in str(refused.value)
    assert "topsecret" not in str(refused.value)


def test_a_mail_server_is_read_once_and_shows_nobody_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url, sender = "smtp://room%40example.org:t0p%3Asecret@mail.example.org", "room@example.org"
    server = read(monkeypatch, SMTP_URL=url, MAIL_FROM=sender)["SMTP_URL"]
    assert server == config.Smtp("mail.example.org", 587, False, "room@example.org", "t0p:secret")
    assert "secret" not in repr(server)
    for url, port, secure in (("smtps://[::1]", 465, True), ("smtp://h.example:25", 25, False)):
        server = read(monkeypatch, SMTP_URL=url, MAIL_FROM=sender)["SMTP_URL"]
        assert (server.port, server.secure, server.password) == (port, secure, "")
    with pytest.raises(config.CannotStart, match="say who letters are from"):
        read(monkeypatch, SMTP_URL="smtp://mail.example.org")


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(config.CannotStart) as refused:
        read(monkeypatch, HTTPS="on", PROXIES="one")
    assert str(refused.value).splitlines() == [
        "HTTPS=on is not understood: say 1, true, yes or 0, false, no",
        "PROXIES=one is not understood: say a number from 0 to 9",
    ]


SAFE = {"HTTPS": True, "DEBUG": False, "SECRET_KEY": "s" * 32, "PROXIES": 1, "ORIGINS": []}


@pytest.mark.parametrize(
    ("unsafe", "said"),
    [
        ({"DEBUG": True}, "FLASK_DEBUG"),
        ({"SECRET_KEY": "s" * 31}, "SECRET_KEY"),
        ({"PROXIES": None}, "PROXIES"),
        ({"ORIGINS": ["https://a.example", "http://a.example"]}, "ORIGINS"),
    ],
)
def test_r42_what_is_unsafe_for_others_is_refused_behind_https(unsafe: dict[str, Any], said: str) -> None:
    with pytest.raises(config.CannotStart, match=said):
        config.refuse_unsafe(SAFE | unsafe)
    config.refuse_unsafe(SAFE | unsafe | {"HTTPS": False})


def test_no_proxy_is_an_answer_too() -> None:
    config.refuse_unsafe(SAFE)
    config.refuse_unsafe(SAFE | {"PROXIES": 0})


def test_a_key_is_made_once_and_never_beside_what_it_should_open(tmp_path: Path) -> None:
    key, file = tmp_path / "keys" / "database.key", tmp_path / "ementor.db"
    made = config.kept_secret(key, of=file)
    assert config.kept_secret(key, of=file) == made
    assert key.stat().st_mode & 0o077 == 0
    file.write_bytes(b"x")
    assert config.kept_secret(key, of=file) == made
    key.unlink()
    with pytest.raises(config.CannotStart, match="is not there, and without it nobody can read"):
        config.kept_secret(key, of=file)
    assert not key.exists()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_key_file_that_holds_none_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(config.CannotStart, match="key"):
        config.kept_secret(tmp_path / "key")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(config.CannotStart, match="cannot be read: Not a directory"):
        config.kept_secret(tmp_path / "file" / "keys" / "key")
