"""The command that makes something to look at."""

from __future__ import annotations

import os

import click
from flask import current_app

from ementor.cli import commands
from ementor.series import demo as examples


@commands.command("demo")
@click.option("--address", help="Where the server answers, when not on PORT of this machine.")
def demo(address: str | None) -> None:
    """Add an example group to the instance, in the middle of its series."""
    address = address or f"http://127.0.0.1:{os.environ.get('PORT', '5000')}"
    example = examples.make()
    click.echo(f"added to {current_app.config['INSTANCE']}")
    click.echo(f"people: {', '.join(example.people)}")
    click.echo("")
    click.echo("Start the server, open this link and join under a name of your own:")
    click.echo(f"  {address}/j/{example.group.join_token}")
    click.echo("It leads to the meeting that is under way; from there one press leads to the group's page,")
    click.echo("with two meetings held and three ahead. Aino, who facilitates, has just left, so the room")
    click.echo("offers you to run the meeting.")
    if example.address:
        click.echo("")
        click.echo("To see past notes as somebody who was there, sign in as Noor, in another browser:")
        click.echo(f"  {address}/sign-in with {example.address}")
        click.echo("Without a mail server the code is shown in the terminal of the server.")
