"""The card where one writes, and the choice of what goes into the notes."""

from __future__ import annotations

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup

from ementor import i18n
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.writings.services import Desk, MyWriting


def writing_part(
    meeting: Meeting,
    run: Run,
    desk: Desk,
    *,
    opened: int | None,
    kept: int | None,
    whole: bool,
    locale: str,
    filled: Markup | None,
) -> Markup:
    """Render what one person writes; ``filled`` is another feature's form for the current item."""
    return _render(
        "writings/_writing.html",
        locale,
        meeting=meeting,
        run=run,
        desk=desk,
        opened=opened,
        kept=kept,
        whole=whole,
        filled=filled,
        statements=library.self_assessment(),
    )


def share_part(meeting: Meeting, mine: MyWriting, *, name: str, whole: bool, locale: str) -> Markup:
    """Render the choice of lines to share; ``whole`` ticks them all beforehand."""
    return _render("writings/_share.html", locale, meeting=meeting, mine=mine, name=name, whole=whole)


def _render(template: str, locale: str, **context: object) -> Markup:
    with force_locale(locale):
        page = current_app.jinja_env.get_template(template).render(locale=locale, say=i18n.say, **context)
        return Markup(page)  # noqa: S704
