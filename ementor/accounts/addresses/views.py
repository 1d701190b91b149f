"""Pages of addresses: signing in by one, having one, and showing again that it is you.

A GET shows what a POST did and does nothing: a mail scanner may open whatever it finds.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from ipaddress import ip_network

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.addresses import services
from ementor.accounts.models import MailCode, User
from ementor.accounts.views import arrive, somebody
from ementor.errors import Invalid
from ementor.web import form_key, safe_next

bp = Blueprint("addresses", __name__)
KEPT = "mail_code"
"""What a session keeps of a code that it waits for: the browser's secret, and where to go then."""


# Signing in


@bp.get("/sign-in")
def sign_in() -> str:
    """Ask for the address."""
    return _sign_in_page()


@bp.post("/sign-in")
def ask() -> ResponseReturnValue:
    """Send a code there if it is somebody's, and lead to where it is entered in any case."""
    try:
        return _ask(request.form.get("email", ""), None, to=request.form.get("next"), home="/notes")
    except Invalid as error:
        return _sign_in_page(request.form.get("email", ""), error.message), error.status


@bp.get("/sign-in/code")
def sign_in_code() -> ResponseReturnValue:
    """Ask for the code."""
    return _waiting(None)


@bp.post("/sign-in/code")
def enter() -> ResponseReturnValue:
    """Sign in, or send a new code."""
    return _came_already() or _enter(None)


def _sign_in_page(email: str = "", wrong: str | None = None) -> str:
    to = request.values.get("next")
    to = safe_next(to) if to else ""
    return render_template("accounts/sign_in.html", email=email, wrong=wrong, next=to)


# One's own address


@bp.get("/me/address")
@login_required
def address() -> str:
    """Show somebody's address, and ask for one."""
    return _address_page()


@bp.post("/me/address")
@login_required
def add() -> ResponseReturnValue:
    """Send a code to an address that is to become somebody's; or let them have none."""
    person = _known()
    if request.form.get("press") == "remove":
        if not services.remove(actor=person):
            return redirect(url_for(".address"), 303)
        return arrive(person, to=url_for(".address"), proved_at=clock.now())
    try:
        return _ask(request.form.get("email", ""), person, to=url_for(".address"))
    except Invalid as error:
        return _address_page(request.form.get("email", ""), error.message), error.status


@bp.get("/me/address/code")
@login_required
def address_code() -> ResponseReturnValue:
    """Ask for the code that was sent to one's address."""
    return _waiting(_known())


@bp.post("/me/address/code")
def enter_own() -> ResponseReturnValue:
    """Take the address, or send a new code there."""
    return _came_already() or _enter_own()


@login_required
def _enter_own() -> ResponseReturnValue:
    return _enter(_known())


@bp.get("/me/prove")
@login_required
def prove() -> ResponseReturnValue:
    """Ask somebody to show that it is them; who has no address, or has just shown it, goes on."""
    person, to = _known(), safe_next(request.args.get("to"))
    if not services.must_prove(person):
        return redirect(to, 303)
    return render_template("accounts/prove.html", person=person, to=to)


@bp.post("/me/prove")
@login_required
def send_proof() -> ResponseReturnValue:
    """Send a code to somebody's own address."""
    person = _known()
    if person.email is None:
        return redirect(safe_next(request.form.get("to")), 303)
    return _ask(person.email, person, to=request.form.get("to"))


def _address_page(email: str = "", wrong: str | None = None) -> str:
    person = _known()
    must_prove = services.must_prove(person)
    return render_template(
        "accounts/address.html", person=person, must_prove=must_prove, email=email, wrong=wrong
    )


def _known() -> User:
    person = somebody()
    assert person is not None
    return person


# Both


def _ask(email: str, actor: User | None, *, to: str | None, home: str = "/") -> ResponseReturnValue:
    """Send a code, and lead to where it is entered."""
    kept = session.get(KEPT, {})
    browser = kept.get("browser") or secrets.token_urlsafe(24)
    services.ask(email, _asker(browser), actor=actor)
    session[KEPT] = {"browser": browser, "to": safe_next(to) if to else home}
    session.permanent = True  # a phone may close the browser while its mail is read
    return redirect(_code_url(actor), 303)


def _key() -> str | None:
    return form_key(f"{session.get(KEPT)} {request.form.get('code', '')[:500]}")


def _came_already() -> ResponseReturnValue | None:
    """Answer a form that is sent twice as the first time, as that answer is lost and the sign-in with it."""
    came = accounts.just_came(_key())
    return _arrived(came) if came and KEPT in session else None


def _arrived(person: User) -> ResponseReturnValue:
    return arrive(person, to=session[KEPT]["to"], key=_key(), proved_at=clock.now())


def _enter(actor: User | None) -> ResponseReturnValue:
    kept = session.get(KEPT, {})
    row = services.asked(kept.get("browser"), actor=actor)
    if row is None:
        return redirect(_start_url(actor), 303)
    if request.form.get("press") == "again":
        services.ask(row.email, _asker(kept["browser"]), actor=actor)
        return redirect(_code_url(actor) + "?again=1", 303)
    try:
        answer = services.enter(request.form.get("code", ""), kept["browser"], actor=actor)
    except Invalid as error:
        answer = services.Answer(wrong=error.message)
    if answer.person is None:
        return _code_page(row, actor, answer.wrong), Invalid.status
    return _arrived(answer.person)


def _waiting(actor: User | None) -> ResponseReturnValue:
    row = services.asked(session.get(KEPT, {}).get("browser"), actor=actor)
    if row is None or row.used_at is not None:
        return redirect(_start_url(actor), 303)
    return _code_page(row, actor)


def _code_page(row: MailCode, actor: User | None, wrong: str | None = None) -> str:
    return render_template(
        "accounts/mail_code.html",
        email=row.email,
        owned=actor is not None,
        proves=actor is not None and actor.email_key == row.email_key,
        at=_code_url(actor),
        back=_start_url(actor),
        again="again" in request.args,
        typed=request.form.get("code", "")[:40] if wrong else "",
        wrong=wrong,
    )


def _code_url(actor: User | None) -> str:
    return url_for(".sign_in_code" if actor is None else ".address_code")


def _start_url(actor: User | None) -> str:
    return url_for(".sign_in" if actor is None else ".address")


def _asker(browser: str) -> services.Asker:
    key, origins = str(current_app.config["SECRET_KEY"]).encode(), current_app.config["ORIGINS"]
    network = hmac.new(key, _network(request.remote_addr or "").encode(), sha256).hexdigest()
    return services.Asker(browser, network, origins[0] if origins else None)


def _network(address: str) -> str:
    """Return what one household has: of IPv6 that is not one address but 2**64 of them."""
    try:
        return str(ip_network((address, 64 if ":" in address else 32), strict=False))
    except ValueError:
        return address
