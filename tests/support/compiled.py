"""What every app of a test would compile anew, kept for the next: its routes, statements and templates.

Of an app's first page that is most of the time, and nearly every test has an app of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from werkzeug.routing.rules import Rule

_compile = Rule._compile_builder
_builders: dict[Any, Callable[..., tuple[str, str]]] = {}
_engines: dict[str, tuple[Any, Any]] = {}


def keep_routes() -> None:
    """Let the same rule of another app have the same function that builds its address."""

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:  # they are in the function
            return _compile(rule, append_unknown)
        key = (rule.rule, *rule._trace, append_unknown)
        if key not in _builders:
            _builders[key] = _compile(rule, append_unknown)
        return _builders[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]


def keep_templates(folder: Path) -> None:
    """Let apps that are made from now on keep their compiled templates in ``folder``."""
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


def keep_statements(engine: Engine) -> None:
    """Let ``engine`` find the statements that others of its kind have compiled, for the same dialect."""
    if engine.name not in _engines:
        with engine.connect():  # the first time, the dialect asks for the server's version
            _engines[engine.name] = engine.dialect, engine._compiled_cache
    engine.dialect, engine._compiled_cache = _engines[engine.name]
