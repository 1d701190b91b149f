"""The commands that end forgotten meetings, and that make something to look at."""

from __future__ import annotations

import os
from datetime import timedelta

import click
from flask import current_app

from ementor.archive import demo as examples
from ementor.archive import idle
from ementor.cli import commands


@commands.command("close-idle")
@click.option(
    "--hours", default=12.0, show_default=True, type=click.FloatRange(min=1), help="Quiet for so long."
)
@click.option("--dry-run", is_flag=True, help="Only tell which.")
def close_idle(hours: float, *, dry_run: bool) -> None:
    """End the meetings in which nothing has happened for HOURS, and keep their records."""
    found = idle.close_quiet(timedelta(hours=hours), dry_run=dry_run)
    for one in found:
        click.echo(f"{one.meeting_id}  quiet since {one.since:%Y-%m-%d %H:%M} UTC  {one.group_name}")
    click.echo(f"{'would end' if dry_run else 'ended'}: {len(found)}")


@commands.command("demo")
@click.option("--address", help="Where the server answers, when not on PORT of this machine.")
def demo(address: str | None) -> None:
    """Add an example group to the instance: a meeting under way and one that has ended."""
    address = address or f"http://127.0.0.1:{os.environ.get('PORT', '5000')}"
    example = examples.make()
    click.echo(f"added to {current_app.config['INSTANCE']}")
    click.echo(f"people: {', '.join(example.people)}")
    click.echo(f"meeting under way: {address}/m/{example.live.id}")
    click.echo(f"ended, with its record: {address}/m/{example.ended.id}")
    click.echo("")
    click.echo("Start the server, open this link and join under a name of your own:")
    click.echo(f"  {address}/j/{example.live.group.join_token}")
    click.echo("Guests have no password and no sign-in link: a browser knows whoever joined in it,")
    click.echo("so nobody can come in as Aino. She facilitates and has just left, so the room offers")
    click.echo("you to run the meeting. End it to see its record.")
