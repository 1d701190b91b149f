"""What a device is called: its kind and browser, of a short list, by what the browser says of itself."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext

KINDS = {
    "tablet": re.compile(r"iPad|Tablet|Silk|Android(?!.*Mobile)"),
    "phone": re.compile(r"iPhone|iPod|Mobile"),
    "laptop": re.compile(r"Windows NT|Macintosh|CrOS|X11|Linux"),
}
BROWSERS = {
    "Edge": re.compile(r"\bEdg(e|A|iOS)?/"),
    "Opera": re.compile(r"\bOP(R|T|iOS)/"),
    "Samsung Internet": re.compile(r"\bSamsungBrowser/"),
    "Firefox": re.compile(r"\b(Firefox|FxiOS)/"),
    "Chrome": re.compile(r"\b(Headless)?(Chrome|CriOS)/|\bHeadlessChrome/"),
    "Safari": re.compile(r"\bVersion/.*\bSafari/"),
}
"""Several say the names of others too, so the first that fits counts."""
NAMES = {
    "phone": lazy_gettext("Phone"),
    "tablet": lazy_gettext("Tablet"),
    "laptop": lazy_gettext("Laptop"),
    "unknown": lazy_gettext("Unknown device"),
}
MAX_AGENT = 400


def label_of(agent: str) -> str:
    """Return what is kept of a device, as "phone Chrome"; nothing of it that is not in the lists above."""
    kind = _first(KINDS, agent[:MAX_AGENT]) or "unknown"
    return f"{kind} {_first(BROWSERS, agent[:MAX_AGENT])}".strip()


def _first(known: dict[str, re.Pattern[str]], agent: str) -> str:
    return next((name for name, pattern in known.items() if pattern.search(agent)), "")


def read(label: str) -> tuple[str, str]:
    """Return the kind and the browser of a label."""
    kind, _, browser = label.partition(" ")
    return (kind if kind in NAMES else "unknown"), browser
