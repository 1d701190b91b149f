"""Search in browsers: Finnish on a phone, from the search field to the place in the record."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.machine import wait_until
from tests.support.outside import Server
from tests.support.pages import pressed, saved, write
from tests.support.people import followed

SOON_S = 60
SOON_MS = SOON_S * 1000
SEEN = """node => {
  const box = node.getBoundingClientRect()
  return box.top >= 0 && box.top < innerHeight
}"""


def test_finnish_on_a_phone_leads_from_a_word_to_its_place_in_the_record(
    open_room: Rooms, server: Server
) -> None:
    page = open_room("Ada", viewport=(320, 640), locale="fi")
    pressed(page, "start")
    for item in (1, 2, 3):
        write(page, f"Jotain muuta {item}. " * 8, item)
    write(page, "Vertaismentoroinnissa kysyjä ei tiedä paremmin.", 3)
    saved(page)
    ada = server.client_for("Ada")
    followed(ada.post(f"/m/{server.house.meeting_id}/press", data={"press": "end"}))
    expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)
    server.pass_time(timedelta(seconds=70))
    expect(page.locator(".undo")).to_have_count(0, timeout=SOON_MS)

    page.goto(f"{server.url}/notes")
    page.get_by_role("button", name="Suomi").click()
    field = page.get_by_role("searchbox", name="Etsi muistiinpanoista")
    results = page.get_by_role("region", name="Hakutulokset")
    link = results.get_by_role("link", name=re.compile("Vertaismentoroinnissa"))
    field.fill("mentorointi")
    field.press("Enter")
    wait_until(lambda: link.count() or (page.reload() and link.count()), "its words to be made", SOON_S)
    expect(link.locator("mark")).to_have_text("Vertaismentoroinnissa")
    expect(results.get_by_role("status")).to_contain_text("1 osuma")
    assert_accessible(page)
    assert_no_sideways_scrolling(page)

    link.click()
    expect(page).to_have_url(re.compile(r"/m/\d+#note-3$"))
    place = page.locator(":target")
    expect(place).to_contain_text("Vertaismentoroinnissa kysyjä ei tiedä paremmin.")
    assert place.evaluate(SEEN)
    assert place.evaluate("node => getComputedStyle(node, '::before').content") != "none"
    assert_accessible(page)
    assert_no_sideways_scrolling(page)

    page.goto(f"{server.url}/notes?q=mentorointi&whose=mine")
    expect(page.get_by_role("heading", name="Ei osumia omista teksteistäsi")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Etsi kaikista muistiinpanoista").click()
    expect(link).to_be_visible()
