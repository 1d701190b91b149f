"""Commands for whoever runs the server."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from ementor import database

meetings = AppGroup("ementor", help="Look after an installation.")


@meetings.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema."""
    database.upgrade()
    click.echo("the database has the newest schema")


@meetings.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Copy the SQLite database to TARGET, as of one moment and under the same key."""
    if target.exists():
        raise click.ClickException(f"{target} is there already")
    database.backup(target)
    click.echo(f"saved {target}")
