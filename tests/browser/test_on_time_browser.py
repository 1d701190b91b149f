"""Being on time in Chromium: what shows itself when the time has come, and what one press does."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from ementor import clock
from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import Server
from tests.support.pages import look_at, measured, press

LATE = """
{
  const real = performance.now.bind(performance), today = Date.now.bind(Date)
  window.later = 0
  performance.now = () => real() + window.later
  Date.now = () => today() + window.later
}
"""


def later(page: Page, server: Server, minutes: float) -> None:
    """Let so many minutes pass, for the page at once: it goes by the server's whenever it measures."""
    server.pass_time(timedelta(minutes=minutes))
    page.evaluate("minutes => { window.later += minutes * 60_000 }", minutes)


def test_what_to_do_over_plan_shows_itself_without_a_message(open_room: Rooms, server: Server) -> None:
    ada = open_room("Ada", viewport=(1280, 1400))
    ada.context.add_init_script(LATE)
    ada.reload()
    expect(ada.locator("[data-connected=true]")).to_be_attached()
    press(ada, "Start the meeting")
    offers = ada.locator("#offers")
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")
    expect(offers).to_be_hidden()
    measured(ada)
    minutes = int(ada.locator("#item-1 .mins").inner_text().partition("/")[2].split()[0])
    later(ada, server, minutes + 2.2)
    expect(ada.locator("#over")).to_have_text("2 min behind schedule")
    shorten = offers.get_by_role("button", name="Shorten the remaining items")
    over = ada.get_by_role("button", name="2 min behind schedule")
    expect(over).to_have_attribute("aria-expanded", "false")
    expect(shorten).to_be_hidden()
    over.press("Enter")
    expect(shorten).to_be_visible()
    expect(offers.get_by_role("group")).to_have_count(1)
    ends, stays = ada.locator("#ends").inner_text(), offers.get_by_role("button", name="Stay longer")
    expect(stays).to_contain_text(f"ends {ends}")
    kept = datetime.strptime(ends, "%H:%M") - datetime.strptime(shorten.inner_text()[-5:], "%H:%M")
    assert kept.seconds == 120
    assert_accessible(ada)
    over.click()
    expect(shorten).to_be_hidden()
    later(ada, server, 3)  # late by much it matters: nobody has to ask
    expect(shorten).to_be_visible()
    expect(ada.locator("#over")).to_have_text("5 min behind schedule")
    expect(ada.locator("#to-offers")).to_be_disabled()


def test_the_times_are_set_in_the_agenda_and_taken_away(open_room: Rooms) -> None:
    ada, ben = open_room("Ada", viewport=(1280, 1600)), open_room("Ben")
    begins = clock.now().astimezone(ZoneInfo("Europe/Helsinki")) + timedelta(hours=2)  # whatever hour it is
    before, start, end = (f"{begins + timedelta(minutes=by):%H:%M}" for by in (-60, 0, 105))
    press(ada, "Edit the agenda")
    press(ada, "Start and end")
    form = ada.get_by_role("form", name="Start and end")
    form.get_by_label("Must end by").fill(before)
    form.get_by_label("Starts at").fill(start)
    assert_accessible(ada)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("more than 12 hours")
    form.get_by_label("Must end by").fill(end)
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(ada.get_by_role("button", name="Start and end")).to_be_focused()
    expect(ben.locator(".sum")).to_contain_text(f"must end by {end}")
    expect(ben.locator("#agenda .head")).to_contain_text(f"{start} – {end}")
    press(ada, "Start and end")
    for label in ("Starts at", "Must end by"):
        form.get_by_label(label).fill("")
    form.get_by_role("button", name="Save").click()
    expect(ben.locator(".sum")).not_to_contain_text("must end")


@pytest.mark.parametrize("locale", ["en", "fi", "sv"])
def test_a_plan_is_mended_and_the_mending_undone_in_a_narrow_panel(open_room: Rooms, locale: str) -> None:
    ada = open_room("Ada", viewport=(320, 900), locale=locale)
    ada.locator("[value=start]").click()
    expect(ada.locator("#item-1")).to_have_attribute("aria-current", "step")
    look_at(ada, "agenda")
    ada.locator("#edit-agenda").click()
    ada.locator("#skip_item-1").click()
    expect(ada.locator("#item-2")).to_have_attribute("aria-current", "step")
    ada.locator("#edit-agenda").click()
    look_at(ada, "turn")
    for _ in range(12):  # each a minute more than was planned
        shown = ada.locator("#run").get_attribute("data-number") or ""
        ada.locator("[value=plus_minute]").click()
        expect(ada.locator("#run")).not_to_have_attribute("data-number", shown)
    expect(ada.locator("#when")).to_be_visible()
    look_at(ada, "agenda")
    expect(ada.locator("[value=spread_over]")).to_be_visible()
    assert_no_sideways_scrolling(ada)
    expect(ada.locator("#when")).to_be_hidden()
    ada.locator("[value=spread_over]").click()
    expect(ada.locator("[value=undo_plan]")).to_be_visible()
    expect(ada.locator("[value=spread_over]")).to_be_hidden()
    assert_no_sideways_scrolling(ada)
    ada.locator("[value=undo_plan]").click()
    expect(ada.locator("[value=spread_over]")).to_be_visible()
    expect(ada.locator("[value=undo_plan]")).to_have_count(0)
