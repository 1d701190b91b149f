"""The part of the room where one answers alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup

from ementor import i18n
from ementor.meetings.domain import times
from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.reflections.models import LEAST_FOR_PICTURE, MAX_STEP, MAX_TEXT, SCALE, Sharing
from ementor.reflections.services import MyReflection, Reflecting


def reflection_part(
    meeting: Meeting, run: Run, reflecting: Reflecting, *, locale: str, leads: bool, now: datetime
) -> Markup:
    """Render the closing reflection of one viewer; ``reflecting`` holds nobody else's secrets."""
    template = current_app.jinja_env.get_template("reflections/_reflection.html")
    with force_locale(locale):
        return Markup(  # noqa: S704
            template.render(
                meeting=meeting,
                run=run,
                reflecting=reflecting,
                opens_at=opens_at(run, now),
                leads=leads,
                locale=locale,
                say=i18n.say,
                scale=SCALE,
                sharings=tuple(Sharing),
                max_text=MAX_TEXT,
                max_step=MAX_STEP,
                least=LEAST_FOR_PICTURE,
            )
        )


def step_part(meeting: Meeting, item: Item, mine: MyReflection, *, revealed: bool, locale: str) -> Markup:
    """Render the field of one viewer's next step, for where it is written down."""
    template = current_app.jinja_env.get_template("reflections/_step.html")
    with force_locale(locale):
        page = template.render(
            meeting=meeting,
            item=item,
            mine=mine,
            revealed=revealed,
            locale=locale,
            say=i18n.say,
            max_step=MAX_STEP,
        )
        return Markup(page)  # noqa: S704


def opens_at(run: Run, now: datetime) -> datetime | None:
    """Return when the reflection's turn comes on the agenda; None when it is on, or unknown.

    Only information: one may write all the while.
    """
    closing_s = times.closing_s(run)
    return None if closing_s is None else times.ends_at(run, now) - timedelta(seconds=closing_s)
