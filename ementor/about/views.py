"""Pages about the service, for everybody; and what a phone needs to put it on its home screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import urlsplit

from flask import Blueprint, current_app, json, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from ementor import cookies, i18n
from ementor.about import periods, pictures
from ementor.accounts.views import somebody
from ementor.languages import LANGUAGES
from ementor.meetings.services.people import TAKE_OVER_AFTER
from ementor.series import mine

bp = Blueprint("about", __name__)

ANSWERED_WITHIN_DAYS = 14
"""How soon a body that falls under the Finnish act 306/2019 answers feedback on accessibility."""
PAPER = "#f4f3ee", "#11181b"
"""The ground of the pages, light and dark: ``--paper`` of the style sheet, for the phone around them."""


@dataclass(frozen=True)
class Reached:
    """Where somebody is reached: the address of a link, and what it is called."""

    href: str

    @property
    def shown(self) -> str:
        """Return the address as people write it."""
        parts = urlsplit(self.href)
        return parts.path if parts.scheme == "mailto" else f"{parts.netloc}{parts.path}".rstrip("/")

    @property
    def is_mail(self) -> bool:
        return self.href.startswith("mailto:")


def _reached(*settings: str) -> Reached | None:
    """Return the first of the settings that is there."""
    return next((Reached(href) for name in settings if (href := current_app.config[name])), None)


@bp.app_context_processor
def for_every_page() -> dict[str, object]:
    return {"PAPER": PAPER}


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    """Tell by task how the room is used."""
    return render_template(
        "about/help.html",
        pictures=pictures,
        undone_for=periods.spelt(periods.UNDONE_FOR),
        away_for=periods.spelt(TAKE_OVER_AFTER),
    )


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """State what is accessible, what is not, how it was tested, and who hears of faults."""
    day = current_app.config["STATEMENT_DATE"]
    return render_template(
        "about/accessibility.html",
        body=current_app.config["BODY"],
        reviewed=datetime.combine(day, time()) if day else None,
        feedback=_reached("FEEDBACK", "CONTACT"),
        contact=_reached("CONTACT"),
        within_days=ANSWERED_WITHIN_DAYS,
    )


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """Tell who is responsible, what is kept, for how long, and who reads it."""
    config = current_app.config
    return render_template(
        "about/privacy.html",
        body=config["BODY"],
        contact=_reached("CONTACT"),
        own_notice=_reached("PRIVACY_PAGE"),
        kept=periods.kept(),
        cookies=(
            config["SESSION_COOKIE_NAME"],
            cookies.who_cookie(current_app),
            cookies.left_cookie(current_app),
        ),
        is_encrypted=periods.is_encrypted(),
        sends_mail=config["SMTP_URL"] is not None,
        known=somebody() is not None,
    )


@bp.get("/feedback")
def feedback() -> ResponseReturnValue:
    """Tell where feedback goes."""
    return render_template(
        "about/feedback.html", feedback=_reached("FEEDBACK", "CONTACT"), within_days=ANSWERED_WITHIN_DAYS
    )


# On a home screen


@bp.get("/app.webmanifest")
def manifest() -> ResponseReturnValue:
    """Tell a phone what to put on its home screen, in the language that the address names.

    A browser asks for it without cookies, so it says nothing of who asks: ``/open`` knows.
    """
    asked = request.args.get("locale", "")
    locale = asked if asked in LANGUAGES else i18n.choose()
    with force_locale(locale):
        said = {
            "name": f"ementor — {gettext('a room for peer mentoring')}",
            "description": gettext("A calm room beside your video call"),
        }
    icons = [("192", "any"), ("512", "any"), ("maskable-512", "maskable")]
    response = make_response(
        json.dumps(
            said
            | {
                "id": "/",
                "short_name": "ementor",
                "lang": LANGUAGES[locale].tag,
                "start_url": url_for(".open_app"),
                "scope": "/",
                "display": "standalone",
                "background_color": PAPER[0],
                "theme_color": PAPER[0],
                "icons": [
                    {
                        "src": url_for("static", filename=f"img/icons/{name}.png"),
                        "sizes": "x".join([name.rpartition("-")[2]] * 2),
                        "type": "image/png",
                        "purpose": purpose,
                    }
                    for name, purpose in icons
                ],
            },
            ensure_ascii=False,
        )
    )
    response.mimetype = "application/manifest+json"
    return response


@bp.get("/open")
def open_app() -> ResponseReturnValue:
    """Lead who comes from the home screen to their group that meets next, or to the front page."""
    person = somebody()
    groups = mine.groups_of(person) if person else []
    return redirect(groups[0]["url"] if groups else url_for("meetings.home"), 303)
