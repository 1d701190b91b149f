"""Who somebody is, in a cookie of its own, beside the session that their pages need.

Whoever loses that cookie is another person from then on. So it holds an opaque token that the
database knows (no signature, no time: no key and no clock can make it unreadable), and only
signing in, forgetting and a visit that it came with ever write it. Who left the device and may come
back is in a third one, which answers to what was asked before that do not know either.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

LEFT = "left"
"""Where a session has the sign-in of who left this device and may come back to it."""
_WHO = "_user_id"  # where Flask-Login looks for it


class Session(SecureCookieSession):
    """Flask's session; ``given`` is the token that the request brought, ``renewed`` keeps it for longer.

    ``had_left`` is the token of who left, as the request brought it.
    """

    given: str | None = None
    had_left: str | None = None
    renewed = False


class Sessions(SecureCookieSessionInterface):
    """Keeps the cookies. Their age is counted by the browser, from when it got them."""

    def open_session(self, app: Flask, request: Request) -> Session:
        """Return the session, also of a cookie from the future: clocks of servers may differ."""
        kept = self.read(app, request.cookies.get(self.get_cookie_name(app), ""))
        given = request.cookies.get(who_cookie(app))
        left = request.cookies.get(left_cookie(app))
        own = {_WHO: given, LEFT: left}
        session = Session(kept | {name: token for name, token in own.items() if token})
        session.given, session.had_left = given, left
        return session

    def read(self, app: Flask, cookie: str) -> dict[str, Any]:
        """Return what is in a session's cookie that we signed; nothing otherwise."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return {}
        try:
            return dict(serializer.loads(cookie))
        except BadSignature:
            return {}

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Send what has changed.

        A form of another site arrives without cookies: its refusal may not replace those that are there.
        """
        who = session.get(_WHO)
        if request.method == "POST" and not request.cookies and not who:
            return
        serializer = self.get_signing_serializer(app)
        if session.modified and serializer is not None:
            kept = {name: value for name, value in session.items() if name != LEFT}
            value = str(serializer.dumps(kept)) if kept else None
            self._send(app, response, self.get_cookie_name(app), value, lasting=session.permanent)
        if who and (who != session.given or session.renewed):
            self._send(app, response, who_cookie(app), who, lasting=True)
        elif session.given and not who:
            self._send(app, response, who_cookie(app), None)
        if (left := session.get(LEFT)) != session.had_left:
            self._send(app, response, left_cookie(app), left, lasting=True)

    def _send(
        self, app: Flask, response: Response, name: str, value: str | None, *, lasting: bool = False
    ) -> None:
        response.set_cookie(
            name,
            value or "",
            max_age=0 if value is None else app.permanent_session_lifetime if lasting else None,
            path=self.get_cookie_path(app),
            secure=self.get_cookie_secure(app),
            httponly=self.get_cookie_httponly(app),
            samesite=self.get_cookie_samesite(app),
        )
        response.vary.add("Cookie")


def signed(app: Flask, request: Request) -> str | None:
    """Return the sign-in that a signed session tells; the other cookie anybody can make up."""
    sessions = app.session_interface
    assert isinstance(sessions, Sessions)
    return sessions.read(app, request.cookies.get(sessions.get_cookie_name(app), "")).get(_WHO)


def renew() -> None:
    """Let the device know its person for longer, from now on."""
    session.renewed = True  # type: ignore[attr-defined]
    if session.permanent:
        session.modified = True


def who_cookie(app: Flask) -> str:
    """Return the name of the cookie that tells who somebody is."""
    return f"{app.config['SESSION_COOKIE_NAME']}-who"


def left_cookie(app: Flask) -> str:
    """Return the name of the cookie that tells who left this device and may come back."""
    return f"{app.config['SESSION_COOKIE_NAME']}-left"
