"""The README names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ementor import config

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_in_the_table(setting: config.Setting) -> None:
    assert f"\n| `{setting.name}` | {setting.help} | {setting.unset} |\n" in README


def test_each_target_it_names_exists_and_each_that_exists_is_named() -> None:
    assert set(re.findall(r"make ([a-z]+)\b(?=[` \n#])", code_of(README))) == TARGETS


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([\w./-]+)\)", README))))
def test_what_it_links_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:ementor|static|templates|tests)/[\w./-]*)`", README)))
)
def test_what_it_points_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def code_of(text: str) -> str:
    """Return what is set as code in ``text``, each piece on a line of its own."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    words = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return "\n".join([*blocks, *words]) + "\n"
