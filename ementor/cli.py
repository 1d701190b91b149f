"""Commands for whoever runs the server: ``python app.py upgrade``, ``flask --app app ementor upgrade``."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo

from ementor import maintenance

commands = AppGroup("ementor", help="Look after an installation.")
"""Features add theirs."""


def run(app: Flask, arguments: list[str]) -> NoReturn:
    """Run one command with an app that is built already."""
    commands.main(arguments, prog_name="app.py", obj=ScriptInfo(create_app=lambda: app))
    raise AssertionError("click has exited")


@commands.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema."""
    with maintenance.in_plain_words():
        maintenance.upgrade()
    click.echo("the database has the newest schema")


@commands.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Copy the SQLite database to TARGET, as of one moment and under the same key."""
    if not current_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        raise click.ClickException("this instance is on PostgreSQL: use pg_dump")
    if target.exists():
        raise click.ClickException(f"{target} is there already")
    maintenance.backup(target)
    click.echo(f"saved {target}")
