"""The engine and its registry: nothing is forgotten, and an old log tells what it always told."""

import ast
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from ementor.meetings import domain
from ementor.meetings.domain.commands import By, Command
from ementor.meetings.domain.engine import SUBJECTS, evolve, replay
from ementor.meetings.domain.events import Event, Kind
from ementor.meetings.domain.registry import DECIDES, EVOLVES, decides, evolves
from ementor.meetings.domain.state import Run
from ementor.meetings.domain.subjects.moves import Start

LOGS = json.loads((Path(__file__).parents[1] / "support" / "run_logs.json").read_text())
"""Logs that hold every kind of event, each with what it made newer, and the run that it told of then."""


def test_every_command_has_one_subject_and_it_is_the_one_that_declares_it() -> None:
    assert set(DECIDES) == set(Command.__subclasses__())
    assert {decide.__module__ for decide in DECIDES.values()} <= {each.__name__ for each in SUBJECTS}
    for command, decide in DECIDES.items():
        assert decide.__module__ == command.__module__
    with pytest.raises(TypeError, match="two subjects"):
        decides(Start)(lambda run, command, now: [])


def test_every_kind_has_one_subject() -> None:
    assert set(EVOLVES) == set(Kind)
    assert {evolve.__module__ for evolve in EVOLVES.values()} <= {each.__name__ for each in SUBJECTS}
    with pytest.raises(TypeError, match="two subjects"):
        evolves(Kind.STARTED)(lambda run, event: run)


def test_every_subject_is_in_the_engine() -> None:
    found = {path.stem for path in (Path(domain.__path__[0]) / "subjects").glob("[!_]*.py")}
    assert {each.__name__.rpartition(".")[2] for each in SUBJECTS} == found


def test_a_command_cannot_be_declared_without_what_it_means() -> None:
    with pytest.raises(TypeError, match="means"):
        type("Forgetful", (Command,), {})


def test_a_command_about_oneself_says_whose_it_is() -> None:
    own = {command for command in DECIDES if command.by is By.SELF}
    assert own == {command for command in DECIDES if command.whose is not Command.whose}


def test_a_kind_cannot_be_declared_without_traits() -> None:
    members = type(Kind).__prepare__("Forgetful", (Kind.__base__,))
    members["__new__"] = Kind.__dict__["__new_member__"]
    members["HEARD"] = "heard"
    with pytest.raises((TypeError, ValueError), match="not enough values"):
        type(Kind)("Forgetful", (Kind.__base__,), members)


def test_the_logs_hold_every_kind() -> None:
    assert {kind for log in LOGS for kind, *_ in log["log"]} == {kind.value for kind in Kind}


@pytest.mark.parametrize("number", range(len(LOGS)))
def test_an_old_log_tells_what_it_told(number: int) -> None:
    told = LOGS[number]
    events = [Event(Kind(kind), datetime.fromisoformat(at), data) for kind, at, data, _ in told["log"]]
    assert plain(replay(events)) == told["run"]


@pytest.mark.parametrize("number", range(len(LOGS)))
def test_an_event_overtakes_the_screens_that_it_always_did(number: int) -> None:
    run = Run()
    for kind, at, data, made_newer in LOGS[number]["log"]:
        before, run = run, evolve(run, Event(Kind(kind), datetime.fromisoformat(at), data))
        if kind == "went_back" and run.course.item_id == before.course.item_id:
            made_newer.remove("beside")  # as it did then, though nothing beside the turn differs
        numbers = {
            "clock": run.flow_number,
            "place": run.moved_number,
            "item": run.item_number,
            "beside": run.beside_number,
            "plan": run.schedule.number,
        }
        assert [name for name, newest in numbers.items() if newest == run.number] == made_newer, kind


def test_no_file_of_the_rules_imports_itself_by_way_of_others() -> None:
    """Imports for types alone count too."""
    root = Path(domain.__path__[0])
    graph: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        module = ".".join((domain.__name__, *path.relative_to(root).with_suffix("").parts))
        graph[module] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(domain.__name__):
                graph[module] |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    graph = {module: {each for each in used if each in graph} for module, used in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def plain(value: object) -> object:
    """Return what JSON makes of a state, without what is as it was in the beginning."""
    if is_dataclass(value) and not isinstance(value, type):
        had = {each.name: (each.default, getattr(value, each.name)) for each in fields(value)}
        return {
            name: plain(now)
            for name, (at_first, now) in had.items()
            if now not in (at_first, None, (), {}, frozenset())
        }
    if isinstance(value, Mapping):
        keys = {key: json.dumps(plain(key)) if isinstance(key, tuple) else str(key) for key in value}
        return {keys[key]: plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
