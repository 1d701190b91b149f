"""A whole series, from its plan to the last record, on a server whose clock is moved from date to date."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import NullPool, create_engine, func, select

from ementor import clock
from ementor.meetings.models import Meeting
from ementor.series.domain import dates as rules
from tests.support import databases
from tests.support.browsers import Rooms
from tests.support.outside import RemoteClient, Server
from tests.support.pages import alive, end_meeting, look_at, press, promise
from tests.support.people import followed
from tests.support.series import ZONE, in_days

BEFORE = timedelta(minutes=10)


class Circle:
    """One group, the browsers of its people, and the clock of its servers."""

    def __init__(self, rooms: Rooms, *servers: Server) -> None:
        self.rooms, self.servers = rooms, servers
        self.passed = timedelta()
        self.link = self.page_url = ""

    def browser(self, server: Server | None = None) -> Page:
        """Return a page in a browser that nobody knows yet."""
        page = self.rooms.context(timezone_id=ZONE).new_page()
        page.goto((server or self.servers[0]).url)
        return page

    def until(self, wall: datetime) -> None:
        """Go to a moment of the group's time, on all servers."""
        ahead = rules.instant(wall, ZONE) - clock.now() - self.passed
        assert ahead > timedelta(), f"{wall} is over"
        for server in self.servers:
            server.pass_time(ahead)
        self.passed += ahead

    def path(self, page: Page, path: str = "") -> str:
        """Return an address of the group's page on the server that somebody uses."""
        return self.page_url.replace(self.servers[0].url, _server_of(page)) + path

    def follow(self, page: Page) -> Page:
        """Open the link, on the server that somebody uses."""
        page.goto(self.link.replace(self.servers[0].url, _server_of(page)))
        return page

    def in_room(self, *pages: Page) -> str:
        """Follow the link, which must lead into one room; return its path."""
        for page in pages:
            self.follow(page)
            expect(page).to_have_url(re.compile(r"/m/\d+$"))
            alive(page)
        rooms = {page.url.removeprefix(_server_of(page)) for page in pages}
        assert len(rooms) == 1, rooms
        return rooms.pop()

    def on_page(self, *pages: Page) -> None:
        """Follow the link, which must lead to the group's page."""
        for page in pages:
            self.follow(page)
            expect(page).to_have_url(re.compile(rf"{re.escape(self.path(page))}$"))

    def join(self, page: Page, name: str) -> Page:
        self.follow(page)
        page.get_by_label("Your name").fill(name)
        press(page, "Join")
        expect(page).not_to_have_url(re.compile("/j/"))
        return page

    def ask(self, page: Page, name: str) -> None:
        """Come to the door of the group, which asks after its first meeting, and wait there."""
        self.follow(page)
        page.get_by_label("Your name").fill(name)
        press(page, "Ask to come in")
        page.wait_for_url(re.compile("/waiting/"))
        self.follow(page)
        expect(page).to_have_url(re.compile("/waiting/"))

    def stays_out(self, page: Page) -> None:
        """Open what a stranger may not see, who is asked for a name by the link."""
        for address in (self.page_url, f"{self.page_url}/calendar.ics", f"{self.page_url}/dates"):
            assert page.request.get(address).status == 404
        self.follow(page)
        expect(page.get_by_label("Your name")).to_be_visible()


def _server_of(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def address_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def plan(circle: Circle, page: Page, first: datetime, programme: str = "Mepe!") -> tuple[int, int]:
    """Plan a series as a newcomer does; return how many inputs and screens it took."""
    inputs, screens = 0, 0
    press_link(page, "Plan a series")
    screens += 1
    page.get_by_role("radio", name=re.compile(programme)).check(force=True)
    press(page, "Choose this")
    screens += 1
    for label, text in {
        "Your name": "Aino",
        "Name of the group": "Tuesday circle",
        "First meeting": first.date().isoformat(),
        "Time": f"{first:%H:%M}",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
        inputs += 1
    press(page, "Create the plan")
    page.wait_for_url(re.compile(r"/g/\d+/dates$"))
    screens += 1
    circle.page_url = page.url.removesuffix("/dates")
    press_link(page, "Invite the group")
    circle.link = page.get_by_label("Link for the others").input_value()
    expect(page.get_by_label("Text of the invitation")).to_have_value(re.compile(re.escape(circle.link)))
    return inputs, screens


def press_link(page: Page | Locator, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def lead_in_turns(circle: Circle, keeper: Page, *willing: Page) -> None:
    for page in (keeper, *willing):
        page.goto(circle.path(page, "/duties"))
        page.locator("#willing-facilitator").click()
        expect(page.locator("#willing-facilitator")).to_have_attribute("aria-pressed", "true")
    keeper.reload()
    keeper.get_by_label("How it is shared: Who leads").select_option("turns")
    press(keeper, "Choose: Who leads")
    expect(keeper.locator(".turns li")).to_have_count(1 + len(willing))


def edit(circle: Circle, page: Page, title: str, button: str, **fields: str) -> None:
    """Change one of the dates on their page."""
    page.goto(circle.path(page, "/dates"))
    page.get_by_role("button", name=re.compile(f"^Change: {title}, ")).click()
    form = page.get_by_role("form", name=re.compile(f"^Change: {title}, "))
    for label, text in fields.items():
        form.get_by_label(label, exact=True).fill(text)
    form.get_by_role("button", name=button).click()
    expect(form).to_have_count(0)


def add(circle: Circle, page: Page, wall: datetime, template: str) -> None:
    page.goto(circle.path(page, "/dates?add=1"))
    form = page.get_by_role("form", name="Add a date")
    form.get_by_label("Date", exact=True).fill(wall.date().isoformat())
    form.get_by_label("Time", exact=True).fill(f"{wall:%H:%M}")
    form.get_by_label("Template").select_option(template)
    form.get_by_role("button", name="Add a date").click()
    expect(page.locator("#dates [role=status]")).not_to_be_empty()
    expect(form).to_have_count(0)


def titles(page: Page) -> list[str]:
    return page.locator("#dates h2").all_inner_texts()


def mark(where: Locator, became: str) -> None:
    """Say what became of one's newest promise."""
    where.get_by_role("button", name=became, exact=True).first.click()
    pressed = where.get_by_role("button", name=became, exact=True, pressed=True)
    expect(pressed.first).to_be_visible()


def start(leader: Page, *others: Page) -> None:
    press(leader, "Start the meeting")
    for page in (leader, *others):
        expect(page.locator("#item-1")).to_have_attribute("aria-current", "step")


def finish(leader: Page, promises: Mapping[Page, str]) -> None:
    """Go on by one item, promise, see what the others promise, and end the meeting."""
    press(leader, "Next item")
    for page, text in promises.items():
        expect(page.locator("#item-2")).to_have_attribute("aria-current", "step")
        look_at(page, "reflection")
        promise(page, text)
        expect(page.locator("#reflection [data-state]")).to_have_attribute("data-state", "saved")
    press(leader, "Reveal")
    leader.locator("#confirm-yes").click()  # nobody has said that they are done
    for page in promises:
        for text in promises.values():
            expect(page.locator("#reflection-shared")).to_contain_text(text)
    end_meeting(leader)
    for page in promises:
        expect(page.get_by_text("The meeting has ended").first).to_be_visible()


def says(page: Page, *texts: str) -> None:
    """Expect promises that come back, in the room or on the group's page."""
    where = part(page, "From last time" if "/m/" in page.url else "Promises")
    for text in texts:
        expect(where).to_contain_text(text)


def hold_at(circle: Circle, at: datetime, leader: Page, promises: Mapping[Page, str]) -> None:
    """Hold a whole meeting: the link leads into its room before, and to the group's page right after."""
    circle.until(at - BEFORE)
    before = circle.in_room(leader)
    circle.until(at)
    assert circle.in_room(*promises) == before
    start(leader, *promises)
    finish(leader, promises)
    circle.on_page(*promises)
    says(leader, *promises.values())


def remove(circle: Circle, keeper: Page, name: str) -> None:
    keeper.goto(circle.path(keeper, "/settings"))
    keeper.get_by_role("button", name=f"Remove from the group: {name}", exact=True).click()
    keeper.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(keeper.get_by_role("button", name=f"Remove from the group: {name}", exact=True)).to_have_count(0)


def records(page: Page) -> int:
    """Return how many records somebody can open on the group's page."""
    return part(page, "Past meetings").get_by_role("link").count()


def came(circle: Circle, server: Server, name: str) -> RemoteClient:
    """Bring somebody in who has no pages."""
    client = RemoteClient(server.url)
    assert followed(client.post(address_of(circle.link), data={"name": name})) == address_of(circle.page_url)
    return client


def at_once(circle: Circle, clients: list[RemoteClient]) -> list[str]:
    """Open the link with all of them at the same moment; return where it leads each."""
    ready = threading.Barrier(len(clients))

    def follow(client: RemoteClient) -> str:
        ready.wait(timeout=20)
        return followed(client.get(address_of(circle.link), allow_redirects=False))

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(follow, clients))


def meetings_in(settings: databases.Settings) -> int:
    """Return how many meetings there are in a database."""
    engine = create_engine(settings["DATABASE_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Meeting)) or 0


def test_mepe_from_its_plan_to_the_fifth_record(open_room: Rooms, server: Server) -> None:
    circle = Circle(open_room, server)
    aino, ben, cai = (circle.browser() for _ in range(3))
    first = in_days(7)

    def after(days: int, hour: int = 9) -> datetime:
        return (first + timedelta(days=days)).replace(hour=hour)

    # The plan, the link, and who leads when.
    inputs, screens = plan(circle, aino, first)
    assert inputs <= 5
    assert screens <= 3
    circle.stays_out(circle.browser())
    for page, name in ((ben, "Ben"), (cai, "Cai")):
        circle.join(page, name)
        expect(page).to_have_url(circle.page_url)
    lead_in_turns(circle, aino, ben, cai)
    circle.on_page(aino)
    expect(part(aino, "Next meeting")).to_contain_text("You lead")

    # The first meeting: the link before, in the middle and right after; a stranger is asked who they are.
    circle.until(first - BEFORE)
    before = circle.in_room(ben)
    expect(ben.get_by_role("button", name="Start the meeting")).to_have_count(0)
    circle.until(first)
    assert circle.in_room(aino, ben) == before
    start(aino, ben)
    assert circle.in_room(cai) == before
    circle.stays_out(circle.browser())
    finish(aino, {aino: "ask before I advise", ben: "listen for a week", cai: "call my mentee"})
    circle.on_page(aino, ben, cai)
    says(ben, "listen for a week", "ask before I advise", "call my mentee")

    # Between: the second date is moved, Cai says that she cannot come, and Ben goes on with his promise.
    moved = {"Date": after(15).date().isoformat(), "Time": "10:00", "Ends": "11:30"}
    edit(circle, aino, "My strengths as a mentor", "Save", **moved)
    circle.until(after(3))
    circle.on_page(ben, cai)
    expect(part(ben, "Next meeting")).to_contain_text("moved from")
    expect(part(ben, "Next meeting")).to_contain_text("You lead")
    mark(part(ben, "Promises"), "Still going")
    press(cai, "I can't come")
    expect(part(cai, "Next meeting")).to_contain_text("You are away")

    # The second, without Cai, whom the link refuses nothing. What was promised is in the room.
    circle.until(after(15, 10) - BEFORE)
    assert address_of(cai.request.get(circle.link).url) == circle.in_room(aino)
    circle.until(after(15, 10))
    second = circle.in_room(ben, aino)
    says(ben, "listen for a week", "ask before I advise", "call my mentee")
    says(aino, "still going")
    mark(part(aino, "From last time"), "Done")
    expect(part(ben, "From last time").locator("em")).to_have_text("done")
    start(ben, aino)
    assert address_of(cai.request.get(circle.link).url) == second
    finish(ben, {aino: "share one story", ben: "ask Cai how she is"})
    circle.on_page(aino, ben, cai)
    says(cai, "call my mentee", "share one story", "ask Cai how she is", "listen for a week")
    mark(part(cai, "Promises"), "Dropped")
    circle.until(after(16))
    circle.on_page(cai)
    expect(part(cai, "Past meetings").get_by_role("link")).to_have_count(2)  # also of the one that she missed
    expect(part(cai, "Past meetings").get_by_role("listitem")).to_have_count(2)
    expect(part(cai, "Past meetings")).to_contain_text("You missed this meeting. You can still read it.")

    # A date is skipped, and Cai leads the third meeting.
    edit(circle, aino, "Listening and asking", "Skip this date")
    assert titles(aino)[2:] == [
        "No meeting",
        "Listening and asking",
        "Guiding a group online",
        "Towards your own group",
    ]
    circle.until(after(42) - BEFORE)
    circle.in_room(ben)
    circle.until(after(42))
    circle.in_room(cai, aino, ben)
    says(cai, "share one story", "ask Cai how she is")
    says(aino, "dropped")
    start(cai, aino, ben)
    expect(aino.get_by_role("button", name="End the meeting").first).to_be_visible()  # it is her group
    finish(cai, {cai: "draw a map", aino: "sleep well", ben: "write a page"})
    circle.on_page(aino, ben, cai)

    # Aino's browser forgets her, and there is nobody to let her in: until Ben takes over, when he may.
    aino.context.clear_cookies()
    circle.stays_out(aino)
    circle.until(after(44))
    circle.ask(aino, "Aino")
    circle.on_page(ben)
    expect(ben.get_by_role("button", name="Take over the group")).to_have_count(0)
    circle.until(after(50))
    circle.on_page(ben, cai)
    expect(ben.get_by_role("button", name="Cancel this meeting")).to_have_count(0)
    press(ben, "Take over the group")
    ben.get_by_role("dialog").get_by_role("button", name="Take over the group").click()
    expect(ben.get_by_text("You took the group over")).to_be_visible()
    cai.reload()
    expect(cai.get_by_text("Ben took the group over")).to_be_visible()
    expect(cai.get_by_role("button", name="Take over the group")).to_have_count(0)
    remove(circle, ben, "Aino")
    circle.on_page(ben)
    press(ben, "Let in: Aino")
    expect(aino).to_have_url(circle.page_url)  # the page at which she waits finds out by itself

    # Ben cancels the fourth, and adds a date for it.
    circle.on_page(ben)
    expect(part(ben, "Next meeting")).to_contain_text("You lead")
    press(ben, "Cancel this meeting")
    ben.get_by_role("dialog").get_by_role("button", name="Cancel this meeting").click()
    expect(part(ben, "Dates")).to_contain_text("cancelled")
    add(circle, ben, after(63), "mepe-4")
    circle.until(after(56))
    circle.on_page(ben, cai, aino)
    says(cai, "draw a map", "write a page")
    expect(part(cai, "Promises")).not_to_contain_text("sleep well")  # who promised that has left
    expect(part(aino, "Promises")).not_to_contain_text("draw a map")  # she is new, and was not there
    hold_at(circle, after(63), ben, {ben: "keep it short", cai: "read it again", aino: "begin anew"})

    # The fifth, and the series is over.
    circle.on_page(cai)
    expect(part(cai, "Next meeting")).to_contain_text("You lead")
    hold_at(circle, after(70), cai, {ben: "meet in a month", cai: "bring coffee", aino: "stay"})
    circle.until(after(70, 14))
    for page in (ben, cai, aino):
        circle.on_page(page)
        expect(page.get_by_role("heading", name="Five meetings behind you")).to_be_visible()
        says(page, "meet in a month", "bring coffee", "stay")
    assert (records(ben), records(cai), records(aino)) == (5, 5, 2)  # Aino is new in her own group
    press_link(part(ben, "Past meetings"), "Towards your own group")
    expect(ben.locator("#record")).to_contain_text("meet in a month")
    press_link(ben, "Group's page")
    expect(ben).to_have_url(circle.page_url)
    circle.link = ben.locator("#join-url").input_value()  # the one before opens nothing to anybody new
    circle.stays_out(circle.browser())


def test_two_processes_hold_a_meeting_of_a_series(
    open_room: Rooms,
    two_servers: tuple[Server, Server],
    postgres_settings: databases.Settings,
) -> None:
    """The link is opened on both at the same moment: there is one room, and each sees the other's people."""
    here, there = two_servers
    circle = Circle(open_room, here, there)
    aino, ben = circle.browser(here), circle.browser(there)
    first = in_days(7)
    plan(circle, aino, first)
    circle.join(ben, "Ben")
    expect(ben).to_have_url(circle.path(ben))
    lead_in_turns(circle, aino, ben)
    others = [came(circle, server, f"Guest {number}") for number, server in enumerate(two_servers * 3, 1)]

    circle.until(first - BEFORE)
    rooms = at_once(circle, others)
    assert len(set(rooms)) == 1, rooms
    circle.until(first)
    assert set(rooms) == {circle.in_room(aino, ben)}
    expect(part(ben, "People")).to_contain_text("Aino")
    start(aino, ben)
    expect(part(ben, "From last time")).to_contain_text("What you promise today")
    finish(aino, {aino: "ask before I advise", ben: "listen for a week"})
    circle.on_page(aino, ben)
    mark(part(ben, "Promises"), "Done")
    aino.evaluate("htmx.trigger('#group', 'group:look')")
    expect(part(aino, "Promises").locator("em")).to_have_text("done")
    assert meetings_in(postgres_settings) == 1

    # The next one, which the other leads, on the other process.
    circle.until(first + timedelta(weeks=2) - BEFORE)
    rooms = at_once(circle, others)
    circle.until(first + timedelta(weeks=2))
    assert set(rooms) == {circle.in_room(ben, aino)}
    says(aino, "ask before I advise", "listen for a week")
    mark(part(aino, "From last time"), "Still going")
    expect(part(ben, "From last time").locator("em")).to_have_text("still going")
    start(ben, aino)
    end_meeting(ben)
    expect(aino.get_by_text("The meeting has ended").first).to_be_visible()
    circle.on_page(aino, ben)
    assert meetings_in(postgres_settings) == 2
