"""Make the pictures of the help page (`make screenshots ARGS=help`) from the room itself.

They show a meeting of the example group as one of its members has it on a phone: each state in each
language, light and dark. The states are reached by the presses that people make, and nothing is found by
its words.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page, sync_playwright

from ementor import create_app
from ementor.about.pictures import HEIGHTS, IN, SCHEMES, WIDTH, file_of
from ementor.database import db, transactional
from ementor.meetings.models import Meeting
from ementor.meetings.services import run_of
from tests.support import browsers, databases, machine, outside
from tests.support.pages import look_at
from tests.support.screenshots import LOOKER, OTHER, daytime, fill

STATIC = Path(__file__).parents[2] / "static"
SHARPNESS, QUALITY = 1.5, 56
MAX_BYTES = 26_000
SCREEN = 640
"""How high the phone is: the turn with its button fills it."""
SCROLL = (
    "(at, above) => scrollTo({ top: at.getBoundingClientRect().top + scrollY - above, behavior: 'instant' })"
)
GROUPS = {"fi": "Tiistairinki", "sv": "Tisdagsringen", "en": "Tuesday circle"}
ANSWERS = {
    "fi": "Kysymys, jota en ollut osannut kysyä itseltäni.",
    "sv": "En fråga som jag inte hade kommit på att ställa.",
    "en": "A question I had not thought of asking myself.",
}
OPEN_TALK, REFLECTION = 5, 8
"""Items of the example's agenda."""


@dataclass
class Scene:
    """The meeting, its leader, the phone of a member, and a phone that nobody knows yet."""

    app: Flask
    server: outside.Server
    meeting_id: int
    leader: BrowserContext
    phone: Page
    stranger: Page

    def room(self, below: str = "") -> str:
        """Return the address of the room, or of a page below it."""
        return f"{self.server.url}/m/{self.meeting_id}{below}"

    def press(self, what: str, context: BrowserContext | None = None, **values: Any) -> None:
        """Press a button of the room, as its leader or in ``context``."""
        context = context or self.leader
        form = {"press": what, "csrf_token": token(context.pages[0]), **values}
        answer = context.request.post(self.room("/press"), form=form)
        assert answer.ok, (what, answer.status, answer.text())

    def shoot(
        self,
        name: str,
        page: Page,
        address: str,
        begins: str = "body",
        *,
        above: int = 0,
        view: str = "",
        fill: str = "",
    ) -> None:
        """Keep one picture in each language, light and dark: of what ``begins``, ``above`` pixels above it.

        ``view`` is what is looked at in the room, ``fill`` the field that has an answer in it.
        """
        for locale in IN:
            with self.app.app_context():
                rename(self.meeting_id, GROUPS[locale])
            chosen = {"locale": locale, "csrf_token": token(page)}
            assert page.context.request.post(f"{self.server.url}/language", form=chosen).ok
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.goto(address)
                if "data-connected" in page.locator("body").evaluate("at => at.getAttributeNames()"):
                    page.locator(browsers.CONNECTED).first.wait_for(state="attached")
                if view:
                    look_at(page, view)
                if fill:
                    page.locator(fill).first.fill(ANSWERS[locale])
                    page.locator(fill).first.blur()
                page.wait_for_timeout(800)  # a tick of the clock, and what was typed is saved
                page.locator(begins).first.evaluate(SCROLL, above)
                keep(page, STATIC / file_of(name, locale, scheme), HEIGHTS[name])


@transactional
def rename(meeting_id: int, name: str) -> None:
    """Give the example's group a name in the language of a picture."""
    db.session.get_one(Meeting, meeting_id).group.name = name


def token(page: Page) -> str:
    return page.locator("meta[name=csrf-token]").get_attribute("content") or ""


def keep(page: Page, path: Path, height: int) -> None:
    """Keep the upper part of what is in the window; Chromium writes WebP itself."""
    top = page.evaluate("scrollY")
    clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": SHARPNESS}
    how = {"format": "webp", "quality": QUALITY, "clip": clip}
    session = page.context.new_cdp_session(page)
    picture = base64.b64decode(session.send("Page.captureScreenshot", how)["data"])
    session.detach()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(picture)
    sys.stdout.write(f"{path.name}: {len(picture)} bytes\n")
    if len(picture) > MAX_BYTES:
        sys.exit(f"{path.name} has more than {MAX_BYTES} bytes")


def main() -> None:
    """Hold the rest of the example's meeting, and keep a picture of each state."""
    with machine.private_folder("help") as folder:
        settings = databases.sqlite_settings(folder)
        meeting_id, who = fill(settings)
        app = create_app(settings)
        server = outside.Server(folder, settings)
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**browsers.launch_args("chromium"))
            rooms = browsers.Rooms(browser, server)

            def opened(cookie: str | None, path: str) -> Page:
                context = rooms.context(viewport=(WIDTH, SCREEN), timezone_id=daytime())
                if cookie:
                    context.add_cookies([{"name": "ementor", "value": cookie, "url": server.url}])
                page = context.new_page()
                page.goto(server.url + path)
                return page

            room = f"/m/{meeting_id}"
            leader, phone, stranger = (
                opened(who[LOOKER], room),
                opened(who[OTHER], room),
                opened(None, "/help"),
            )
            scene = Scene(app, server, meeting_id, leader.context, phone, stranger)
            shoot_all(scene)
            rooms.close()
            browser.close()
        server.close()


def shoot_all(scene: Scene) -> None:
    """Make all pictures, in the order in which a meeting comes to them."""
    with scene.app.app_context():
        link = db.session.get_one(Meeting, scene.meeting_id).group.join_token
    scene.shoot("join", scene.stranger, f"{scene.server.url}/j/{link}")
    me = int(scene.phone.locator("body").get_attribute("data-me") or 0)
    for _ in range(12):
        with scene.app.app_context():
            if run_of(scene.meeting_id).speaker == me:
                break
        scene.press("back")  # their turn was before
    for _ in range(3):
        scene.press("plus_minute")
    scene.press("spread_over")
    scene.shoot("turn", scene.phone, scene.room())
    scene.press("enter_item", item=OPEN_TALK)
    scene.press("plus_five")
    scene.press("plus_five")
    scene.press("spread_over")
    scene.press("raise_hand", scene.phone.context, person=me)
    scene.shoot("talk", scene.phone, scene.room())
    scene.press("enter_item", item=REFLECTION)
    scene.shoot(
        "private",
        scene.phone,
        scene.room(),
        "#reflection .field",
        above=88,
        view="reflection",
        fill="#reflection textarea",
    )
    scene.press("end")
    scene.shoot("record", scene.phone, scene.room(), "main h1", above=6)


if __name__ == "__main__":
    main()
