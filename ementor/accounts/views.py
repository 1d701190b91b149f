"""Who uses this device: known again, forgotten, and the language they chose."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from ementor.accounts import services
from ementor.accounts.models import User
from ementor.cookies import LEFT
from ementor.languages import LANGUAGES
from ementor.web import safe_next

bp = Blueprint("accounts", __name__)
bp.add_app_template_filter(services.initials)


def sign_in_here() -> str:
    """Return the hash of the sign-in that the request came by, without asking whether it is good."""
    return services.hash_of(session.get("_user_id") or "")


def somebody() -> User | None:
    """Return who asks, None for a stranger; the row itself and not Flask-Login's proxy."""
    person: User | None = current_user._get_current_object()
    return person if person is not None and person.is_authenticated else None


def welcome(person: User) -> None:
    """Remember the person on this device."""
    if somebody() is None or current_user.id != person.id:
        login_user(person)
    session.permanent = True
    end_left()


def end_left() -> None:
    """Let whoever left this device not come back to it any more: somebody else uses it, or they said so."""
    if left := session.pop(LEFT, None):
        services.sign_out(left)


def arrive(
    person: User, *, to: str, proved_at: datetime | None, key: str | None = None
) -> ResponseReturnValue:
    """Make this device somebody's who has shown who they are, under a new sign-in, and lead to ``to``.

    When it was somebody else's until now, who may be the same human being, that is asked first.
    ``key`` is a secret of the form by which they came: sent twice it gives one sign-in.
    """
    before, token = somebody(), session.get("_user_id")  # its object may be the same as ``person``
    who = before.id if before else None
    login_user(services.arrived(person, key, proved_at=proved_at))
    session.permanent = True
    end_left()
    if who is None or token is None or token == person.token:
        return redirect(to, 303)
    if who == person.id:
        services.sign_out(token)
        return redirect(to, 303)
    session["other"] = token
    return redirect(url_for("merging.ask", to=to), 303)


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Keep the viewer's choice of language, on their row too once they are known."""
    locale = request.form.get("locale", "")
    if locale in LANGUAGES:
        session["locale"] = locale
        session.permanent = True
        person = somebody()
        if person is not None:
            services.keep_locale(person, locale)
    return redirect(safe_next(request.form.get("next")), 303)
