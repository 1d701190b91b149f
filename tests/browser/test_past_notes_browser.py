"""Past notes as people come back to them: another device, an absence, the bus, the group's rule."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import mammoth
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_devices_browser import enter, phone, shows_code, word
from tests.browser.test_mine_browser import notes_of
from tests.browser.test_notes_browser import scope
from tests.support.browsers import Rooms, assert_accessible, assert_no_sideways_scrolling
from tests.support.outside import RemoteClient, Server
from tests.support.pages import (
    alive,
    answer,
    editor,
    end_meeting,
    look_at,
    press,
    pressed,
    promise,
    saved,
    speak,
    unfold,
    write,
)
from tests.support.people import followed, said, shown

SOON_MS = 60_000
FIRST, SECOND = "A question only helps if one waits for the answer.", "Silence is not empty."
PRIVATE = "I was tired and did not say so."
OWN = "Ask Ada how she bears the silence"
STEPS = ("I call one colleague.", "I count to five before I answer.")


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def check(page: Page) -> None:
    assert_accessible(page)
    assert_no_sideways_scrolling(page)


def start(page: Page) -> None:
    pressed(page, "start")
    expect(page.locator("#run")).not_to_have_attribute("data-phase", "before")


def step(page: Page, text: str) -> None:
    look_at(page, "reflection")
    promise(page, text)
    expect(page.locator("#reflection [data-state]")).to_have_text("Saved")


def ended(server: Server, page: Page) -> None:
    """End the meeting and let its minute pass, as its last page sees it."""
    end_meeting(page)
    expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)
    server.pass_time(timedelta(seconds=70))
    expect(page.locator(".undo")).to_have_count(0, timeout=SOON_MS)


def searched(page: Page, words: str, *, field: str = "Search in notes", region: str = "Results") -> Locator:
    """Type words into the field of My notes, and come back until a meeting that has just ended is found."""
    box = page.get_by_role("searchbox", name=field, exact=True)
    box.fill(words)
    box.press("Enter")
    results = part(page, region)
    expect(results).to_be_visible()
    for _ in range(30):
        if results.get_by_role("link").count():
            break
        page.reload()
    return results


def group_of(server: Server) -> str:
    """Return the path of the group's page, where its link leads between meetings."""
    page = shown(server.client_for("Ada").get(server.house.join_path))
    return "/g/" + said(page, r'"/g/([0-9]+)')


def next_room(server: Server) -> str:
    """Begin the second meeting two days later; return its address."""
    server.pass_time(timedelta(days=2))
    form = {"template": "mepe-2"}
    return server.url + followed(
        server.client_for("Ada").post(f"/m/{server.house.meeting_id}/next", data=form)
    )


def test_ben_of_the_laptop_and_ben_2_of_the_phone_find_both_days(open_room: Rooms, server: Server) -> None:
    server.house.template = "mepe-1"
    ada, laptop = open_room("Ada"), open_room("Ben")
    first = laptop.url
    start(ada)
    write(ada, FIRST, 1)
    saved(ada)
    answer(laptop, "1", PRIVATE, "private")
    step(laptop, STEPS[0])
    ended(server, ada)

    # Another day he has only the phone with him: the link knows nobody there, and he asks to come in.
    second = next_room(server)
    ada.goto(second)
    alive(ada)
    mobile = phone(open_room)
    mobile.goto(server.url + server.house.join_path)
    mobile.get_by_label("Your name").fill("Ben 2")
    press(mobile, "Ask to come in")
    mobile.wait_for_url(re.compile("/waiting/"))
    press(ada, re.compile("^Let in"))
    mobile.wait_for_url(second)
    alive(mobile)
    start(ada)
    write(ada, SECOND, 1)
    saved(ada)
    look_at(mobile, "notes")
    scope(mobile, "Only mine")
    editor(mobile).click()
    mobile.keyboard.type(OWN)
    saved(mobile)
    step(mobile, STEPS[1])
    ended(server, ada)
    mobile.goto(first)
    expect(mobile.get_by_text(FIRST)).to_have_count(0)

    # On the bus the laptop is not in sight; at home its code says who he is.
    code = shows_code(laptop, server)
    enter(mobile, server, code)
    expect(mobile.get_by_role("heading", name="Confirm on the other device")).to_be_visible()
    expect(laptop.get_by_role("heading", name="Is this your device?")).to_be_visible()
    assert word(laptop) == word(mobile)
    press(laptop, "Yes, it's mine")
    expect(mobile.get_by_role("heading", name="Are you also Ben 2?")).to_be_visible()
    check(mobile)
    press(mobile, "Yes, that's me")
    mobile.wait_for_url("**/notes")

    laptop.goto(f"{server.url}/notes")
    for page in (mobile, laptop):
        check(page)
        page.goto(f"{server.url}/notes?whose=mine")
        thread = part(page, "What I took with me")
        for words in (*STEPS, PRIVATE, OWN):
            expect(thread).to_contain_text(words)
        for room, texts in ((first, (FIRST, PRIVATE)), (second, (SECOND, OWN))):
            page.goto(room)
            expect(part(page, "Shared notes")).to_contain_text(texts[0])
            expect(part(page, "Only for you")).to_contain_text(texts[1])
        page.goto(f"{server.url}/notes")
        expect(searched(page, "tired")).to_contain_text(PRIVATE)
    ada.goto(server.url + group_of(server))
    expect(part(ada, "People")).to_contain_text("Ben")
    expect(part(ada, "People")).not_to_contain_text("Ben 2")


def test_who_missed_it_reads_and_who_came_later_or_left_does_not(
    open_room: Rooms, server: Server, tmp_path: Path
) -> None:
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben")
    server.client_for("Cai")  # is in the group, and never in the room
    eve = server.client_for("Eve")
    start(ada)
    write(ada, FIRST, 1)
    saved(ada)
    answer(ben, "1", PRIVATE, "private")
    step(ben, STEPS[0])
    ended(server, ada)
    meeting = server.house.meeting_id
    record, group = f"/m/{meeting}", group_of(server)

    cai = notes_of(open_room, server, "Cai")
    expect(cai.get_by_role("article")).to_contain_text("You missed this meeting. You can still read it.")
    cai.get_by_role("link", name="Read the notes").click()
    expect(cai.get_by_text("You missed this meeting.")).to_be_visible()
    expect(part(cai, "Shared notes")).to_contain_text(FIRST)
    expect(part(cai, "Next steps")).to_contain_text(STEPS[0])
    expect(part(cai, "Only for you")).to_have_count(0)
    check(cai)
    cai.goto(server.url + group)
    expect(part(cai, "Past meetings")).to_contain_text("You missed this meeting. You can still read it.")
    cai.goto(f"{server.url}/notes")
    expect(searched(cai, "questions").locator("mark")).to_have_text("question")

    # Dora comes when it is over: she sees that it was held, and not what was said.
    dora = open_room.context().new_page()
    dora.goto(server.url + server.house.join_path)
    dora.get_by_label("Your name").fill("Dora")
    press(dora, "Ask to come in")
    dora.wait_for_url(re.compile("/waiting/"))
    ada.goto(server.url + group)
    press(ada, "Let in: Dora")
    expect(dora).to_have_url(server.url + group)
    past = part(dora, "Past meetings")
    expect(past).to_contain_text("are for those who were in the group then")
    expect(past.get_by_role("link")).to_have_count(0)
    dora.goto(f"{server.url}/notes")
    expect(dora.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    for address in (record, f"{record}/record.md", f"{record}/record.docx"):
        answered = dora.request.get(server.url + address)
        assert answered.status == 403
        assert FIRST not in answered.text()

    # Ben leaves: his own words are in My data, and nothing else of the group is.
    ada.goto(f"{server.url}{group}/settings")
    press(ada, "Remove from the group: Ben")
    ada.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(ada.get_by_role("button", name="Remove from the group: Ben", exact=True)).to_have_count(0)
    ben.goto(f"{server.url}/notes")
    expect(ben.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    check(ben)
    ben.get_by_role("link", name="My data").click()
    with ben.expect_download() as taken:
        ben.get_by_role("link", name="Download my data").click()
    taken.value.save_as(tmp_path / "data.zip")
    with ZipFile(tmp_path / "data.zip") as file:
        mine = "".join(file.read(name).decode() for name in file.namelist())
        json.loads(file.read("data.json"))
    assert all(words in mine for words in (PRIVATE, STEPS[0]))
    assert FIRST not in mine
    gone = RemoteClient(server.url, like=server.client_for("Ben"))
    for stranger in (eve, gone):
        for address in (record, *(f"{record}/record.{end}" for end in ("md", "html", "docx", "zip"))):
            assert stranger.get(address).status_code == 404
        for end in ("md", "docx", "zip"):
            assert stranger.get(f"{group}/notes.{end}").status_code == 404
        assert FIRST not in shown(stranger.get("/notes?q=question"))


def test_finnish_on_a_phone_from_a_word_to_the_file(open_room: Rooms, server: Server, tmp_path: Path) -> None:
    bus: dict[str, Any] = {"viewport": (390, 844), "locale": "fi", "has_touch": True, "color_scheme": "dark"}
    page = open_room("Ada", **bus)
    speak(page, "fi")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    alive(page)
    start(page)
    for item in (1, 2):
        write(page, f"Jotain muuta {item}. " * 8, item)
    words = "Tapaamisissa kysyjä ei tiedä paremmin, hän jaksaa vain odottaa."
    write(page, words, 2)
    saved(page)
    followed(server.client_for("Ada").post(f"/m/{server.house.meeting_id}/press", data={"press": "end"}))
    expect(page.locator("#record")).to_be_visible(timeout=SOON_MS)
    server.pass_time(timedelta(seconds=70))
    expect(page.locator(".undo")).to_have_count(0, timeout=SOON_MS)

    page.get_by_role("link", name="Muistiinpanoni").first.tap()
    expect(page).to_have_url(re.compile("/notes$"))
    check(page)
    results = searched(page, "tapaaminen", field="Etsi muistiinpanoista", region="Hakutulokset")
    hit = results.get_by_role("link", name=re.compile("Tapaamisissa kysyjä"))
    expect(hit.locator("mark")).to_have_text("Tapaamisissa")
    check(page)
    hit.tap()
    expect(page).to_have_url(re.compile(r"/m/\d+#note-2$"))
    expect(page.locator(":target")).to_contain_text(words)
    expect(page.locator(":target").get_by_text(words)).to_be_in_viewport()
    check(page)

    page.get_by_text("Sisällys", exact=True).locator("visible=true").tap()
    page.locator("details.contents").get_by_role("link", name="Lataa itsellesi").tap()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Word").tap()
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    assert file.suffix == ".docx"
    with file.open("rb") as opened:
        html = mammoth.convert_to_html(opened).value
    shown_there = page.locator("#record section:not(.own) h2").all_inner_texts()
    headings = [re.sub("<[^>]*>", "", one) for one in re.findall("<h[1-3]>(.*?)</h[1-3]>", html)]
    assert page.locator("h1").inner_text() in headings
    assert {"Tapaamisen kulku", "Yhteiset muistiinpanot"} <= set(headings) & set(shown_there)
    assert words in html


def test_a_facilitator_decides_who_may_read(open_room: Rooms, server: Server) -> None:
    server.house.template = "mepe-1"
    ada, ben = open_room("Ada"), open_room("Ben", viewport=(390, 844), has_touch=True)
    server.client_for("Cai")
    look_at(ben, "notes")
    said_there = ben.locator("#notes footer")
    expect(said_there).to_contain_text("Readers: the group's current members")
    unfold(ada, "people")
    ada.get_by_role("link", name="Group settings").click()
    rule = ada.get_by_role("group", name="Who can read the record", exact=True)
    expect(rule.get_by_role("radio", name="everybody who was a member at the time")).to_be_checked()
    rule.get_by_role("radio", name="only those who were there").check()
    ada.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(said_there).to_contain_text("Readers: only those who are here now")
    start(ada)
    write(ada, FIRST, 1)
    saved(ada)
    ended(server, ada)
    expect(ada.get_by_text("Can be read by: those who were there")).to_be_visible()
    record = ada.url

    group = server.url + group_of(server)
    cai = notes_of(open_room, server, "Cai")

    def is_closed_to_cai() -> None:
        cai.goto(f"{server.url}/notes")
        expect(cai.get_by_role("heading", name="Nothing here yet")).to_be_visible()
        cai.goto(group)
        expect(part(cai, "Past meetings")).to_contain_text(
            "The record of a meeting is for those who were there."
        )
        expect(part(cai, "Past meetings").get_by_role("link")).to_have_count(0)
        assert cai.request.get(record).status == 403

    is_closed_to_cai()
    # What was said when it was written holds, whatever is chosen for later meetings.
    ada.goto(f"{group}/settings")
    rule = ada.get_by_role("group", name="Who can read the record", exact=True)
    rule.get_by_role("radio", name="everybody who was a member at the time").check()
    check(ada)
    ada.locator("form", has=rule).get_by_role("button", name="Save").click()
    ada.goto(f"{group}/settings")
    expect(rule.get_by_role("radio", name="everybody who was a member at the time")).to_be_checked()
    ada.go_back()
    is_closed_to_cai()
