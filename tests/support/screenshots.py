"""Make the pictures of the README from a real server with the example group in it; see ``pictures``."""

from __future__ import annotations

import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from ementor import clock
from tests.support import browsers, databases, machine, outside

DOCS = Path(__file__).parents[2] / "docs"
MAX_BYTES = 200_000
LOOKER, OTHER = "Aino", "Noor"
PICTURES: dict[str, dict[str, Any]] = {
    "room": {"viewport": (1280, 980)},
    "room-panel": {"viewport": (380, 800)},
    "room-panel-dark": {"viewport": (380, 800), "color_scheme": "dark"},
}
GROUP: dict[str, Any] = {"viewport": (1280, 900)}
"""How the group's page is looked at, after the meeting that is under way in the others."""


def main() -> None:
    """Fill a temporary instance, serve it, and look at it as the facilitator does."""
    how = browsers.launch_args("chromium")
    DOCS.mkdir(exist_ok=True)
    with machine.private_folder("pictures") as folder:
        settings = databases.sqlite_settings(folder)
        meeting_id, cookies = fill(settings)
        server = outside.Server(folder, settings)
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**how)
            for name, page in PICTURES.items():
                take(browser, server, meeting_id, cookies, DOCS / f"{name}.png", **page)
            take_between(browser, server, meeting_id, cookies[LOOKER], DOCS / "group.png", **GROUP)
            browser.close()
        server.close()


def fill(settings: databases.Settings) -> tuple[int, dict[str, str]]:
    """Make the example group; answers its live meeting and the cookies of two of its people."""
    from flask_login import login_user

    from ementor import create_app
    from ementor.accounts import services as accounts
    from ementor.database import db
    from ementor.series import demo

    app = create_app(settings)
    cookies = {}
    with app.app_context():
        example = demo.make(facilitator_here=True)
        for name in (LOOKER, OTHER):
            with app.test_request_context("/"):
                login_user(accounts.sign_in(db.session.merge(example.people[name])))
                from flask import session

                session["locale"] = "en"
                response = app.make_response("")
                app.session_interface.save_session(app, session, response)  # type: ignore[arg-type]
            jar = SimpleCookie(response.headers["Set-Cookie"])
            cookies[name] = jar[app.config["SESSION_COOKIE_NAME"]].value
        meeting_id = example.live.id
        db.session.merge(example.live).group.time_zone = daytime()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return meeting_id, cookies


def daytime() -> str:
    """Return a time zone in which it is two in the afternoon, whenever the pictures are made."""
    behind = (clock.now().hour - 14 + 12) % 24 - 12
    return f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"


def take(
    browser: Browser, server: outside.Server, meeting_id: int, cookies: dict[str, str], path: Path, **how: Any
) -> None:
    """Keep one picture of the room, while somebody else has their cursor in the notes."""
    rooms = browsers.Rooms(browser, server)
    pages = {}
    for name, cookie in cookies.items():
        context = rooms.context(locale="en", timezone_id=daytime(), **(how if name == LOOKER else {}))
        context.add_cookies([{"name": "ementor", "value": cookie, "url": server.url}])
        pages[name] = context.new_page()
        pages[name].goto(f"{server.url}/m/{meeting_id}")
        pages[name].locator(browsers.CONNECTED).first.wait_for(state="attached", timeout=15_000)
    editor = pages[OTHER].get_by_role("textbox", name="Shared notes")
    editor.wait_for()
    editor.locator("li").last.click()
    editor.press("Control+End")
    editor.press("ArrowLeft")
    pages[LOOKER].wait_for_timeout(1500)  # the cursor's way here, and one tick of the clock
    pages[LOOKER].screenshot(path=path)
    rooms.close()
    tell(path)


def take_between(
    browser: Browser, server: outside.Server, meeting_id: int, cookie: str, path: Path, **how: Any
) -> None:
    """End the meeting, and keep a picture of the group's page."""
    rooms = browsers.Rooms(browser, server)
    context = rooms.context(locale="en", timezone_id=daytime(), **how)
    context.add_cookies([{"name": "ementor", "value": cookie, "url": server.url}])
    page = context.new_page()
    page.goto(f"{server.url}/m/{meeting_id}")
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    end = {"press": "end", "csrf_token": token or ""}
    assert context.request.post(f"{server.url}/m/{meeting_id}/press", form=end).ok
    page.goto(f"{server.url}/m/{meeting_id}")
    page.locator(".record-top .eyebrow a").click()
    page.get_by_role("region", name="Next meeting").wait_for()
    page.screenshot(path=path)
    rooms.close()
    tell(path)


def tell(path: Path) -> None:
    """Say how large a picture is, and stop when it is too large."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        sys.exit(f"{path.name} has {size} bytes, more than {MAX_BYTES}")
    sys.stdout.write(f"{path.name}: {size // 1000} KB\n")


if __name__ == "__main__":
    main()
