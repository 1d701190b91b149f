"""The card where one writes, and the choice of what goes into the notes."""

from __future__ import annotations

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup

from ementor import i18n
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.programmes import library
from ementor.writings.services import Desk, Mine


def writing_part(
    meeting: Meeting, run: Run, desk: Desk, *, opened: int | None, locale: str, filled: Markup | None = None
) -> Markup:
    """Render what one person writes; of earlier texts only the ``opened`` item's, or each for -1.

    ``filled`` is what another feature has filled in at the current item instead.
    """
    return _render(
        "writings/_writing.html",
        locale,
        meeting=meeting,
        run=run,
        desk=desk,
        opened=opened,
        filled=filled,
        statements=library.self_assessment(),
    )


def share_part(meeting: Meeting, mine: Mine, *, name: str, whole: bool, locale: str) -> Markup:
    """Render the choice of lines to share; ``whole`` ticks them all beforehand."""
    return _render("writings/_share.html", locale, meeting=meeting, mine=mine, name=name, whole=whole)


def _render(template: str, locale: str, **context: object) -> Markup:
    with force_locale(locale):
        page = current_app.jinja_env.get_template(template).render(locale=locale, say=i18n.say, **context)
        return Markup(page)  # noqa: S704
