"""The glossary is true: its names are in the code, and its words are those of the screen."""

from __future__ import annotations

import re

from tools import catalogs
from tools.installing import CATALOGS, ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


def test_its_names_are_in_the_code() -> None:
    source = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "ementor").rglob("*.py"))
    words = set(re.findall(r"\w+", source))
    names = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row[0])]
    assert len(names) > 50
    assert [name for name in names if name not in words] == []


def test_its_words_are_those_of_the_screen() -> None:
    finnish, swedish = (catalogs.read(CATALOGS / code / "LC_MESSAGES/messages.po") for code in ("fi", "sv"))
    shown = [row[2:] for row in ROWS if len(row) == 5 and row[2] != "–"]
    assert len(shown) > 15
    for english, *translated in shown:
        entries = [catalog.get(english) for catalog in (finnish, swedish)]
        assert [entry and entry.string for entry in entries] == translated, english
