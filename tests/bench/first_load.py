"""What the first load of a large room brings: bytes on the wire, and how often a part is fetched."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench import serving
from tests.bench.table import Table
from tests.support import browsers

PEOPLE, ITEMS = 12, 40


def measure(table: Table) -> None:
    """Open the room in Chromium with an empty cache, without a proxy that compresses."""
    how = browsers.launch_args("chromium")
    with (
        serving.filled(1, people=PEOPLE, items=ITEMS) as (folder, (room,)),
        serving.served(folder) as (server, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**how)
        page = browser.new_context(locale="en", user_agent="bench").new_page()
        name, _, value = room["people"][0]["cookie"].partition("=")
        page.context.add_cookies([{"name": name, "value": value, "url": server.url}])
        sizes: dict[str, int] = {}
        addresses: dict[str, str] = {}
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")

        def answered(said: Any) -> None:
            addresses[said["requestId"]] = said["response"]["url"]

        def loaded(said: Any) -> None:
            sizes[said["requestId"]] = said["encodedDataLength"]

        network.on("Network.responseReceived", answered)
        network.on("Network.loadingFinished", loaded)
        page.goto(f"{server.url}/m/{room['meeting']}")
        page.locator(browsers.CONNECTED).first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        browser.close()
    of = {number: address.removeprefix(server.url) for number, address in addresses.items()}
    whole = next(number for number, address in of.items() if address == f"/m/{room['meeting']}")
    reflections = sum(address.endswith("/reflection") for address in of.values())
    for number in sorted(sizes, key=lambda one: -sizes[one])[:6]:
        serving.say(f"  {sizes[number] / 1000:.1f} KB {of.get(number, '?')}")
    table.put("page", f"{sizes[whole] / 1000:.0f} KB")
    table.put("wire", f"{sum(sizes.values()) / 1000:.0f} KB in {len(sizes)} answers")
    table.put("reflection", f"{reflections} times")
