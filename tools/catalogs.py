"""The catalogs of translations: collect, check and compile. Runs in .venv, by Babel.

``python -m tools.catalogs update|check|compile``; ``update nb`` begins a new language.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from tools.installing import CATALOGS


def main(command: str, *languages: str) -> int:
    if command == "compile":
        babel("compile", "-d", str(CATALOGS))
        return 0
    with extracted() as template:
        if command == "update":
            update(template, *languages)
        lines = problems(read(template))
    shown = lines[:20] if command == "check" else lines
    for line in shown:
        print(line)
    if len(lines) > len(shown):
        print(f"  and {len(lines) - len(shown)} more")
    return 1 if lines and command == "check" else 0


def update(template: Path, *new: str) -> None:
    """Bring the catalogs up to date; new texts are empty there until somebody translates them."""
    for language in new:
        babel("init", "-i", str(template), "-d", str(CATALOGS), "-l", language)
    how = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"]
    babel("update", *how, "-i", str(template), "-d", str(CATALOGS))
    babel("compile", "-d", str(CATALOGS))


def problems(template: Catalog) -> list[str]:
    """Return a line for each thing that is wrong in a catalog."""
    lines = []
    for path in sorted(CATALOGS.glob("*/LC_MESSAGES/messages.po")):
        language, catalog = path.parts[-3], read(path)
        for wanted in sorted((message for message in template if message.id), key=source):
            there = catalog.get(wanted.id, wanted.context)
            if there is None or there.id != wanted.id:
                lines.append(f"  {language} lacks {source(wanted)!r} (make translate adds it)")
            elif wrong := problem(there):
                lines.append(f"  {language} {wrong}: {source(wanted)!r}")
    return lines


def problem(message: Message) -> str | None:
    """Return what is wrong with a translation; Babel's own checks let placeholders be left out."""
    texts = [message.string] if isinstance(message.string, str) else message.string or [""]
    if message.fuzzy:
        return "is unsure (fuzzy)"
    if not all(texts):
        return "has no translation"
    ids = [message.id] if isinstance(message.id, str) else message.id
    wanted, *have = (set(re.findall(r"%\((\w+)\)", text)) for text in (" ".join(ids), *texts))
    # A plural form may leave out its number.
    if any(names - wanted for names in have) or (len(ids) == 1 and have != [wanted]):
        return "has other %(names)s"
    return None


def source(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@contextmanager
def extracted() -> Iterator[Path]:
    """Make a .pot file of all that the source says to people; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        babel(
            *("extract", "-F", "pyproject.toml", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2"),
            *("--add-location", "file", "--sort-by-file", "--project", "ementor", "-o", str(template), "."),
        )
        yield template


def babel(command: str, *arguments: str) -> None:
    line = ["pybabel", "--quiet", command, *arguments]
    if CommandLineInterface().run(line):  # type: ignore[no-untyped-call]
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
