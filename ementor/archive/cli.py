"""The command that ends forgotten meetings."""

from __future__ import annotations

from datetime import timedelta

import click

from ementor.archive.services import idle
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
