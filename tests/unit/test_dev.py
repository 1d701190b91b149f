"""The tools: what the catalogs' checker calls wrong, what the locks hold, when a run of tests failed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tools import catalogs, dev

CATALOG = r"""
msgid ""
msgstr "Language: fi\n"

#: templates/home.html
msgid "Join"
msgstr "Liity"

#: templates/home.html
#, fuzzy, python-format
msgid "Hello %(name)s"
msgstr "Hei %(name)s"

#, python-format
msgid "%(num)d person"
msgid_plural "%(num)d people"
msgstr[0] "yksi ihminen"
msgstr[1] "%(num)d ihmistä"

msgid ""
"A long one, "
"\"quoted\""
msgstr ""

#~ msgid "Gone"
#~ msgstr "Poissa"
"""


def test_a_template_is_compared_with_each_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, lines in {"fi": CATALOG, "nb": CATALOG.replace("Liity", "")}.items():
        path = tmp_path / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(lines, encoding="utf-8")
    monkeypatch.setattr(catalogs, "CATALOGS", tmp_path)
    template = Catalog()
    for wanted in ("Join", "Gone", "Hello %(name)s", ("Hello", "Helloes"), 'A long one, "quoted"'):
        template.add(wanted)
    template.add(("%(num)d person", "%(num)d people"), flags=["python-format"])
    assert catalogs.problems(template) == [
        "  fi has no translation: 'A long one, \"quoted\"'",
        "  fi lacks 'Gone' (make translate adds it)",
        "  fi lacks 'Hello' (make translate adds it)",
        "  fi is unsure (fuzzy): 'Hello %(name)s'",
        "  nb has no translation: 'A long one, \"quoted\"'",
        "  nb lacks 'Gone' (make translate adds it)",
        "  nb lacks 'Hello' (make translate adds it)",
        "  nb is unsure (fuzzy): 'Hello %(name)s'",
        "  nb has no translation: 'Join'",
    ]


def message(ids: tuple[str, ...], *texts: str, fuzzy: bool = False) -> Message:
    one = len(ids) == 1
    return Message(ids[0] if one else ids, texts[0] if one else texts, flags=["fuzzy"] if fuzzy else [])


@pytest.mark.parametrize(
    ("checked", "wrong"),
    [
        (message(("Join",), "Liity"), None),
        (message(("Join",), ""), "has no translation"),
        (message(("Join",), "Liity", fuzzy=True), "is unsure (fuzzy)"),
        (message(("Hello %(name)s",), "Hei %(name)s"), None),
        (message(("Hello %(name)s",), "Hei"), "has other %(names)s"),
        (message(("Hello",), "Hei %(name)s"), "has other %(names)s"),
        (message(("%(num)d person", "%(num)d people"), "yksi", "%(num)d ihmistä"), None),
        (message(("%(num)d person", "%(num)d people"), "%(n)d", "%(num)d ihmistä"), "has other %(names)s"),
        (message(("%(num)d person", "%(num)d people"), "yksi", ""), "has no translation"),
    ],
)
def test_what_is_wrong_with_a_translation(checked: Message, wrong: str | None) -> None:
    assert catalogs.problem(checked) == wrong


def test_the_locks_hold_hashes_only_and_no_address() -> None:
    for lock in (dev.RUN_LOCK, dev.DEV_LOCK):
        text = lock.read_text()
        assert not re.search(r"://|--(index|extra|find)", text)
        pins = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:", text, re.MULTILINE))


def test_all_that_runs_is_pinned_the_same_for_tests() -> None:
    runs, tests = (
        set(re.findall(r"^[\w.-]+==[^ ;]+", lock.read_text(), re.MULTILINE))
        for lock in (dev.RUN_LOCK, dev.DEV_LOCK)
    )
    assert runs <= tests


def test_tests_fail_by_any_code_but_none_and_a_choice_must_fit_some() -> None:
    codes = (0, 1, 2, dev.NOTHING_CHOSEN)
    assert [dev.failed(code) for code in codes] == [[], ["tests"], ["tests"], ["no test was chosen"]]


def test_files_of_tests_are_in_memory_only_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "ENOUGH_BYTES", 1)
    assert dev.folder_for_tests(tmp_path) == tmp_path
    assert dev.folder_for_tests(tmp_path / "not there") is None
    monkeypatch.setattr(dev, "ENOUGH_BYTES", 2**80)
    assert dev.folder_for_tests(tmp_path) is None


def test_pytest_tells_a_choice_that_fits_no_test(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    assert dev.pytest(str(tmp_path), "-c", os.devnull, "-n", "2", "-k", "two") == dev.NOTHING_CHOSEN


FAILS_ONCE = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range({how_many}))
def test_that_fails_once(number):
    tried = Path(__file__).with_name(str(number))
    was_tried = tried.exists()
    tried.touch()
    assert was_tried

def test_that_passes():
    pass

def test_that_counts():
    with Path(__file__).with_name("runs").open("a") as runs:
        runs.write(".")
"""
FAILS_ALWAYS = "def test_that_fails(): assert False"


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"test_good.py": "def test_one(): pass"}, 0, []),
        ({"test_once.py": FAILS_ONCE.format(how_many=1)}, 0, ["test_once.py::test_that_fails_once[0]"]),
        ({"test_once.py": FAILS_ONCE.format(how_many=dev.FEW + 1)}, 1, []),
        ({"test_once.py": FAILS_ONCE.format(how_many=1), "test_always.py": FAILS_ALWAYS}, 1, []),
        ({"test_broken.py": "import nothing_of_this_name"}, 2, []),
    ],
)
def test_what_failed_is_tried_once_more_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], code: int, named: list[str]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    arguments = (str(tmp_path), "-c", str(tmp_path / "pytest.ini"), "-n", "2", "--dist", "worksteal")
    assert dev.pytest_and_retry(*arguments, cache=tmp_path / ".pytest_cache") == code
    assert re.findall(r"FLAKY: (\S+) failed", capsys.readouterr().out) == named
    if "test_once.py" in files:
        assert (tmp_path / "runs").read_text() == "."  # what passed is not run again
