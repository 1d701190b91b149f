"""Somebody adds an address in one browser and comes back in another, with a mail scanner in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.test_pages import check
from tests.support.browsers import Rooms
from tests.support.databases import Settings
from tests.support.machine import wait_until
from tests.support.mailbox import Mailbox
from tests.support.outside import Server

NOORA = "noora@example.org"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().open() as mailbox:
        yield mailbox


@pytest.fixture
def server(start_server: Callable[..., Server], sqlite_settings: Settings, mailbox: Mailbox) -> Server:
    """One process on SQLite, with a mail server."""
    return start_server(sqlite_settings | mailbox.settings())


def code_of(mailbox: Mailbox, number: int) -> str:
    """Return the code of a letter, after a scanner has opened whatever looks like a link in it."""
    wait_until(lambda: len(mailbox.letters) >= number, f"letter {number}")
    text = str(mailbox.letters[number - 1].get_content())
    for link in re.findall(r"https?://\S+", text):
        for ask in (requests.head, requests.get):
            ask(link, timeout=10)
    return text.split()[0]


def ask_for_a_code(page: Page, address: str = NOORA) -> None:
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send a code").click()
    expect(page.get_by_role("heading", name="Enter the code from your e-mail")).to_be_visible()


def test_an_address_brings_one_back_in_another_browser(
    open_room: Rooms, server: Server, mailbox: Mailbox
) -> None:
    laptop = open_room("Ben")
    laptop.goto(f"{server.url}/me/devices")
    laptop.get_by_role("link", name="Add an e-mail address").click()
    ask_for_a_code(laptop)
    check(laptop)
    laptop.get_by_label("Code", exact=True).fill(code_of(mailbox, 1))
    laptop.get_by_role("button", name="Continue").click()
    expect(laptop.get_by_text(f"Sign-in codes go to {NOORA}")).to_be_visible()
    check(laptop)

    phone = open_room.context(viewport=(380, 720)).new_page()
    phone.goto(server.url)
    phone.get_by_role("link", name="Sign in").click()
    check(phone)
    phone.get_by_label("E-mail address").fill("noora@")
    phone.get_by_role("button", name="Send a code").click()
    expect(phone.locator("#email-wrong")).to_be_visible()
    check(phone)
    ask_for_a_code(phone)
    code = code_of(mailbox, 2)
    # What the letter leads to is opened by the scanner, in its own browser and in this one: nothing happens.
    for address in ("/sign-in", f"/sign-in/code?code={code}", "/sign-in/code"):
        assert requests.get(server.url + address, timeout=10).status_code == 200
        phone.goto(server.url + address)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left", "Too many", "Too many"):
        phone.get_by_label("Code", exact=True).fill(wrong)
        phone.get_by_role("button", name="Sign in").click()
        expect(phone.get_by_role("alert").filter(has_text=left)).to_be_visible()
        if left == "3 tries left":
            check(phone)
    phone.get_by_label("Code", exact=True).fill(code)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("alert").filter(has_text="Too many")).to_be_visible()
    phone.get_by_role("button", name="Send a new code").click()
    expect(phone.get_by_role("status").filter(has_text="A new code is on its way")).to_be_visible()
    newest = code_of(mailbox, 3)
    phone.get_by_label("Code", exact=True).focus()
    phone.keyboard.insert_text(f"Your code: {newest[:3]} {newest[3:]} ")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile("/notes$"))
    phone.goto(f"{server.url}/m/{server.house.person('Ben').meeting_id}")
    expect(phone.get_by_text("Ben", exact=False).first).to_be_visible()
    expect(phone.locator("[data-me]").first).to_have_attribute("data-me", str(server.house.person("Ben").id))


def test_one_shows_again_that_it_is_one_before_the_address_changes(
    open_room: Rooms, server: Server, mailbox: Mailbox
) -> None:
    page = open_room("Ben")
    page.goto(f"{server.url}/me/address")
    ask_for_a_code(page)
    page.get_by_label("Code", exact=True).fill(code_of(mailbox, 1))
    page.keyboard.press("Enter")
    expect(page.get_by_label("New e-mail address")).to_be_visible()
    server.pass_time(timedelta(minutes=31))
    page.goto(f"{server.url}/me/prove?to=/notes")
    check(page)
    page.goto(f"{server.url}/me/address")
    check(page)
    page.get_by_role("button", name="Send a code").click()
    page.get_by_label("Code", exact=True).fill(code_of(mailbox, 2))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove the address").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Add an e-mail address")).to_be_visible()
    wait_until(lambda: len(mailbox.letters) == 3, "a letter to the old address")
