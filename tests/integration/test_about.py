"""Help, the accessibility statement, the privacy notice, feedback; and the room on a home screen."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ementor import assets, create_app, maintenance
from ementor.about import pictures, views
from ementor.accounts.addresses import services as addresses
from ementor.accounts.devices import services as devices
from ementor.languages import LANGUAGES
from tests.support import databases
from tests.support.people import House, Person

PAGES = ["/help", "/accessibility", "/privacy", "/feedback"]
SETTINGS = {
    "BODY": "Humanistinen <koulu>",
    "CONTACT": "mailto:tietosuoja@example.org",
    "FEEDBACK": "https://example.org/palaute",
    "STATEMENT_DATE": "2026-11-30",
    "PRIVACY_PAGE": "https://example.org/tietosuoja",
    "BACKUP_DAYS": "45",
    "CORRECT_DAYS": "21",
}


@pytest.fixture
def named(tmp_path: Path) -> Flask:
    """Return an app of an organisation that has said who it is."""
    return create_app(databases.sqlite_settings(tmp_path) | SETTINGS)


def words(page: str) -> str:
    """Return a page's words without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_for_everybody_in_each_language(app: Flask, path: str, locale: str) -> None:
    answer = app.test_client().get(path, headers={"Accept-Language": locale})
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_each_page_leads_to_all_of_them_also_before_one_has_joined(
    house: House, client_for: Callable[[str], Any], app: Flask, path: str
) -> None:
    ada, stranger = client_for("Ada"), app.test_client()
    menu = ada.get(f"/m/{house.meeting_id}/menu").text
    group = re.search(r'href="(/g/\d+)"', menu)
    assert group
    mine = [(ada, address) for address in ("/", "/notes", "/me/devices", group[1], "/plan", "/practice")]
    others = [(stranger, address) for address in ("/", house.join_path, "/sign-in", "/j/wrong", *PAGES)]
    for client, address in mine + others:
        assert f'<a href="{path}"' in client.get(address).text, address
    assert f'<a href="{path}"' in menu


def test_who_waits_at_the_door_may_read_them_too(house: House, app: Flask) -> None:
    ada = house.person("Ada").client
    settings = {"name": "Ada's", "entry": "ask", "greeting": ""}
    assert ada.post(f"/m/{house.meeting_id}/group", data=settings).status_code == 303
    zoe = app.test_client()
    waiting = zoe.post(house.join_path, data={"name": "Zoe"}, follow_redirects=True)
    assert "/waiting/" in waiting.request.path
    for path in PAGES:
        assert f'<a href="{path}"' in waiting.text
        assert zoe.get(path).status_code == 200


def test_without_settings_they_tell_what_is_true_of_the_software(app: Flask) -> None:
    read = {path: words(app.test_client().get(path).text) for path in PAGES}
    assert "has not been named here" in read["/privacy"]
    assert "It has to" not in read["/privacy"]
    assert "has not been named here" in read["/accessibility"]
    assert "Last checked" not in read["/accessibility"]
    assert "You get an answer within" not in read["/accessibility"]
    assert "No address for feedback" in read["/feedback"]
    assert "Not stated. Ask the organisation." in read["/privacy"]
    assert not any("None" in text for text in read.values())


def test_settings_name_who_is_responsible_and_where_they_are_reached(named: Flask) -> None:
    pages = {path: named.test_client().get(path).text for path in PAGES}
    for path in ("/privacy", "/accessibility"):
        assert "Humanistinen &lt;koulu&gt;" in pages[path]
        assert "has not been named" not in pages[path]
    assert 'href="mailto:tietosuoja@example.org"' in pages["/privacy"]
    assert 'href="https://example.org/tietosuoja"' in pages["/privacy"]
    assert "Last checked on 30 November 2026" in words(pages["/accessibility"])
    for path in ("/accessibility", "/feedback"):
        assert 'href="https://example.org/palaute"' in pages[path]
        assert f"within {views.ANSWERED_WITHIN_DAYS} days" in pages[path]


def test_feedback_goes_to_the_contact_where_nothing_else_is_said(tmp_path: Path) -> None:
    settings = databases.sqlite_settings(tmp_path) | {"CONTACT": "room@example.org"}
    page = create_app(settings).test_client().get("/feedback").text
    assert 'href="mailto:room@example.org"' in page


def test_each_period_is_that_of_the_code_that_deletes_and_of_the_settings(
    named: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = words(named.test_client().get("/privacy").text)
    for stated in (
        "corrected for 21 days",
        "1 minute after the end",
        "180 days after your last visit",
        "45 days",
    ):
        assert stated in read
    assert "Works for 10 minutes; deleted after 1 day" in read
    monkeypatch.setattr(addresses, "MINUTES", 11)
    monkeypatch.setattr(addresses, "KEPT_FOR", timedelta(hours=36))
    monkeypatch.setattr(devices, "LASTS", timedelta(seconds=90))
    monkeypatch.setattr(maintenance, "COPIES_KEPT", timedelta(days=3))
    named.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=60)
    read = words(named.test_client().get("/privacy").text)
    for stated in (
        "Works for 11 minutes; deleted after 36 hours",
        "Works for 90 seconds, once",
        "software update3 days",
        "60 days after your last visit",
    ):
        assert stated in read.replace("> ", ">").replace("software 3", "software3"), stated


def test_the_cookies_have_the_names_that_are_sent(
    app: Flask, people: dict[str, Person], client_for: Callable[[str], Any]
) -> None:
    ada = client_for("Ada")
    named = set(re.findall(r"<code>([\w-]+)</code>", ada.get("/privacy").text))
    sent = {cookie.key for cookie in ada._cookies.values()}
    assert sent
    assert sent <= named
    assert 'href="/me/data"' in ada.get("/privacy").text
    assert ada.post("/forget", data={"sure": "yes", "next": "/"}).status_code == 303
    left = {cookie.key for cookie in ada._cookies.values()}
    assert left - sent
    assert left <= named
    assert 'href="/me/data"' not in app.test_client().get("/privacy").text


def test_who_reads_the_database_is_said_for_the_database_that_is_in_use(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    monkeypatch.setattr(views.periods, "is_encrypted", lambda: False)
    assert "whether the disk is encrypted" in client.get("/privacy").text
    assert "from before a software update" not in client.get("/privacy").text
    monkeypatch.setattr(views.periods, "is_encrypted", lambda: True)
    assert "are encrypted" in client.get("/privacy").text


# Pictures


@pytest.mark.parametrize("locale", LANGUAGES)
def test_each_picture_of_the_help_is_there_as_large_as_the_page_says(app: Flask, locale: str) -> None:
    client = app.test_client()
    page = client.get("/help", headers={"Accept-Language": locale}).text
    shown = re.findall(
        r'srcset="([^"]+)">\s*<img src="([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)"', page
    )
    assert len(shown) == len(pictures.HEIGHTS)
    for dark, light, width, height, _ in shown:
        assert f"-{locale}-" in light
        for address in (dark, light):
            answer = client.get(address)
            assert answer.mimetype == "image/webp"
            sharp = webp_size(answer.data)
            assert sharp == (1.5 * int(width), 1.5 * int(height)), address


def test_a_language_without_pictures_of_its_own_has_the_english_ones() -> None:
    assert pictures.file_of("turn", "nb", "dark") == "img/help/turn-en-dark.webp"


def webp_size(data: bytes) -> tuple[int, int]:
    """Return the size of a WebP file in its extended format, as Chromium writes it."""
    assert (data[:4], data[8:16]) == (b"RIFF", b"WEBPVP8X")
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


# On a home screen


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_manifest_is_of_the_language_of_the_page(app: Flask, locale: str) -> None:
    client = app.test_client()
    page = client.get("/", headers={"Accept-Language": locale}).text
    address = re.search(r'rel="manifest" href="([^"]+)"', page)
    assert address
    answer = client.get(address[1])  # a browser sends neither cookies nor a language of ours
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.data)
    assert told["lang"] == LANGUAGES[locale].tag
    assert (told["display"], told["scope"], told["id"]) == ("standalone", "/", "/")
    assert told["theme_color"] == views.PAPER[0]


def test_the_colours_around_a_page_are_those_of_its_paper(app: Flask) -> None:
    tokens = (Path(app.root_path).parent / "static/css/base/tokens.css").read_text(encoding="utf-8")
    assert f"--paper: light-dark({views.PAPER[0]}, {views.PAPER[1]});" in tokens
    page = app.test_client().get("/").text
    for scheme, colour in zip(("light", "dark"), views.PAPER, strict=True):
        assert f'name="theme-color" content="{colour}" media="(prefers-color-scheme: {scheme})"' in page


def test_each_icon_is_as_large_as_it_is_said_to_be(app: Flask) -> None:
    client = app.test_client()
    icons = json.loads(client.get("/app.webmanifest?locale=fi").data)["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    apple = re.search(r'rel="apple-touch-icon" href="([^"]+)"', client.get("/").text)
    assert apple
    for address, size in [(icon["src"], icon["sizes"]) for icon in icons] + [(apple[1], "180x180")]:
        answer = client.get(address)
        assert answer.mimetype == "image/png"
        assert "{}x{}".format(*struct.unpack(">II", answer.data[16:24])) == size


def test_the_icon_on_a_home_screen_opens_the_persons_group(
    house: House, client_for: Callable[[str], Any], app: Flask
) -> None:
    ada = client_for("Ada")
    start = json.loads(app.test_client().get("/app.webmanifest").data)["start_url"]
    opened = ada.get(start, follow_redirects=True)
    assert re.fullmatch(r"/g/\d+", opened.request.path)
    assert opened.status_code == 200
    assert app.test_client().get(start).headers["Location"] == "/"


def test_a_date_of_the_statement_is_a_day(named: Flask) -> None:
    assert named.config["STATEMENT_DATE"] == date(2026, 11, 30)
    assert ".webp" in assets.SERVED
