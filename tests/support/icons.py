"""Make the icons of the home screen from ``static/img/icon.svg`` (`make screenshots ARGS=icons`)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from ementor.about.views import PAPER
from tests.support import browsers

IMG = Path(__file__).parents[2] / "static" / "img"
ICONS = {
    "192": (192, 0.72, 0.22),
    "512": (512, 0.72, 0.22),
    "maskable-512": (512, 0.56, 0),
    "apple": (180, 0.66, 0),
}
"""Each icon's size, which part of it the mark takes, and how round the corners of its ground are.

Of a maskable one a phone may show no more than a circle of 0.8; Apple's phones round the corners themselves.
"""
PAGE = """<style>
  * {{ margin: 0 }}
  div {{ width: {size}px; height: {size}px; border-radius: {corner}px; background: {paper};
         display: grid; place-items: center }}
  svg {{ width: {mark}px; height: {mark}px }}
</style><div>{svg}</div>"""


def main() -> None:
    svg = (IMG / "icon.svg").read_text(encoding="utf-8")
    (IMG / "icons").mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browsers.launch_args("chromium"))
        for name, (size, part, round_) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            how = {"size": size, "mark": size * part, "corner": size * round_, "paper": PAPER[0], "svg": svg}
            page.set_content(PAGE.format(**how))
            page.screenshot(path=IMG / "icons" / f"{name}.png", omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
