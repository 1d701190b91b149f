"""Pages: errors a person can read, security headers, and answers to htmx."""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from jinja2.ext import Extension
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from ementor import cookies, i18n
from ementor.assets import ICONS
from ementor.database import AWAY, db
from ementor.errors import DomainError, Invalid, TooFast
from ementor.languages import LANGUAGES
from ementor.rate import Buckets

PRESSES_AT_ONCE = 150.0
PRESSES_PER_SECOND = 10.0
"""What one person may send in forms, presses and saved texts together, in each process."""

bp = Blueprint("web", __name__)
log = logging.getLogger(__name__)

TITLES = {
    400: lazy_gettext("That didn't work"),
    403: lazy_gettext("You can't do this"),
    404: lazy_gettext("Page not found"),
    409: lazy_gettext("That can't be done right now"),
    413: lazy_gettext("Too much at once"),
    422: lazy_gettext("Something is missing"),
    429: lazy_gettext("Too many attempts"),
    503: lazy_gettext("A short break"),
}
MESSAGES = {
    400: lazy_gettext("The page may be out of date. Go back, reload it and try again."),
    404: lazy_gettext(
        "The link may be old or incomplete, or the page may belong to another group. "
        "Ask the person who invited you for a new link."
    ),
    413: lazy_gettext("Send less at once."),
    429: lazy_gettext("Wait a minute and try again."),
    503: lazy_gettext("The room can't reach its database just now. Nothing was lost; try again in a moment."),
}


class WithoutIndent(Extension):
    """Leaves the indentation of page templates at home: a browser makes nothing of it, and it weighs."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\n[ \t]+", "\n", source) if name and name.endswith(".html") else source


def is_htmx() -> bool:
    """Tell whether htmx asks, which wants a part and not a page."""
    return request.headers.get("HX-Request") == "true"


def part_or_redirect(part: str, url: str) -> ResponseReturnValue:
    """Answer a press: htmx gets the part, a plain form is sent to ``url``."""
    return make_response(part) if is_htmx() else redirect(url, 303)


def sheet(template: str, *, title: str, back: str, **context: Any) -> str:
    """Render what opens over the page ``back``; without a script it is a page of its own."""
    whole = template if is_htmx() else "sheet.html"
    return render_template(whole, sheet=template, title=title, back=back, **context)


def number(values: Mapping[str, str], name: str) -> int:
    """Return a field that must be a whole number."""
    text = values.get(name, "")
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Invalid(gettext("Something went wrong. Reload the page."), field=name)
    return int(text)


def safe_next(target: str | None) -> str:
    """Return ``target`` when it is a path of this site, else the home page."""
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return "/"
    if any(ord(char) < 33 or char == "\\" for char in target) or "%2f%2f" in target.lower():
        return "/"
    return target


def form_key(about: str) -> str | None:
    """Return a secret of the form that is sent, the same when it is sent twice; None without a session."""
    own = session.get("csrf_token")
    secret = str(current_app.config["SECRET_KEY"]).encode()
    what = f"form:{own}:{request.path}:{about}"
    return hmac.new(secret, what.encode(), sha256).hexdigest() if own else None


def refusal(status: int, message: str | None = None) -> Response:
    """Return a readable error: a line for ``#notice`` when htmx asks, else a page."""
    if status >= 500:
        g._login_user = AnonymousUserMixin()  # who asks may be what could not be read
    title = TITLES.get(status, TITLES[400])
    text = message or MESSAGES.get(status) or gettext("Something went wrong. Nothing was lost.")
    if is_htmx():
        response = make_response(render_template("_notice.html", message=text), status)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return make_response(render_template("error.html", status=status, title=title, message=text), status)


def init_web(app: Flask) -> None:
    """Give ``app`` its errors, headers and what every template may use."""
    app.register_blueprint(bp)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, lambda error: refusal(400))
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, lambda error: refusal(error.code or 500))
    app.register_error_handler(500, lambda error: refusal(500))
    for kind in (*AWAY, DatabaseError):
        app.register_error_handler(kind, _unreachable)
    app.before_request(_require_an_address)
    app.before_request(_renew_session)
    app.before_request(_require_budget)
    app.after_request(_with_headers)
    app.jinja_env.add_extension(WithoutIndent)
    app.jinja_env.filters["clock_time"] = i18n.shown_time
    app.jinja_env.filters["bare_time"] = i18n.clock_time
    app.jinja_env.filters["day"] = i18n.day
    app.jinja_env.filters["short_day"] = i18n.short_day
    app.jinja_env.filters["full_day"] = i18n.full_day
    app.jinja_env.filters["day_name"] = i18n.day_name
    app.jinja_env.filters["weekday"] = i18n.weekday
    app.jinja_env.filters["day_and_time"] = i18n.shown_day_and_time
    app.jinja_env.globals["say"] = i18n.say
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    app.jinja_env.globals["ICONS"] = ICONS
    app.jinja_env.globals["_"] = i18n.translated
    app.jinja_env.globals["group_shown"] = i18n.group_shown
    app.jinja_env.globals["shown_zone"] = i18n.zone
    app.jinja_env.globals["city_of"] = i18n.city_of
    app.context_processor(lambda: {"locale": i18n.choose()})


def _refused(error: DomainError) -> Response:
    """Answer why a wish is refused, and of which field of the form that says so."""
    response = refusal(error.status, error.message)
    if isinstance(error, Invalid) and error.field and is_htmx():
        response.headers["X-Field"] = error.field
    return response


def _foreign_host(error: SecurityError) -> Response:
    """Answer who asks by another host's name; a page cannot be made, as its links have no address."""
    return Response("This address is not served here.\n", 400, mimetype="text/plain")


def _require_an_address() -> None:
    """Answer 404 to an address with a NUL in it: nothing has such a name, and PostgreSQL refuses to look."""
    if "\0" in request.path:
        abort(404)


def _renew_session() -> None:
    """Let a device be known for longer with each page it opens, and with nothing else.

    The whole session is in its cookie: an answer to something asked earlier, arriving late,
    would take back the language that was chosen meanwhile.
    """
    if opens_page():
        cookies.renew()


def opens_page() -> bool:
    """Tell whether somebody opens a page, and no page asks for a part of itself."""
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and not is_htmx()
    return request.method == "GET" and request.endpoint != "static" and navigates


_budgets: WeakKeyDictionary[Engine, Buckets[int]] = WeakKeyDictionary()


def _require_budget() -> None:
    """Raise TooFast for who presses more often than anybody does, before it costs anything."""
    if request.method != "POST" or not current_user.is_authenticated:
        return
    budgets, now = _budgets.setdefault(db.engine, Buckets()), time.monotonic()
    if not budgets.take(current_user.id, 1, now, burst=PRESSES_AT_ONCE, per_s=PRESSES_PER_SECOND):
        raise TooFast(gettext("Too many presses at once. Wait a moment, then try again."))


def _unreachable(error: SQLAlchemyError) -> Response:
    """Answer 503 when the database is away or its file is damaged; what is our own mistake is 500."""
    db.session.rollback()
    if isinstance(error, DatabaseError) and not isinstance(error, AWAY) and type(error) is not DatabaseError:
        log.error("a page failed", exc_info=error)
        return refusal(500)
    log.error("the database does not answer: %s", type(getattr(error, "orig", error)).__name__)
    return refusal(503)


def _with_headers(response: Response) -> Response:
    ancestors = current_app.config["FRAME_ANCESTORS"]
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint == "static":  # part of a page, whose rights hold; opened alone it may do nothing
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        )
    else:
        headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
            f"manifest-src 'self'; frame-ancestors {ancestors}"
        )
        if not is_htmx():  # a page of its own
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), browsing-topics=()"
        headers["Cache-Control"] = "no-store"
        headers["Vary"] = "Cookie, HX-Request, Accept-Language"
    if current_app.config["HTTPS"]:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Tell that the process answers."""
    return {"ok": True}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Tell whether the database answers; 503 when it does not."""
    import sqlalchemy as sa

    try:
        db.session.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return {"ok": False}, 503
    return {"ok": True}


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Send those who ask for the old name to the icon."""
    return redirect(url_for("static", filename="img/icon.svg"), 301)
