"""Clients and sockets of an application in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from tests.support import people, refusals


class FreshClient(FlaskClient):
    """A browser for tests: each request has an app context of its own, as the test holds one open.

    Without it Flask-Login would remember the last person, and a request would see what
    the test's session has read. Sends the CSRF token of its session, or with
    ``csrf=False`` none.
    """

    token: str | None = None

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> Any:
        changes = (kwargs.get("method") or "GET") not in {"GET", "HEAD"}
        if csrf and changes:
            self.token = self.token or people.csrf_token(self.get("/").text)
            kwargs["headers"] = {"X-CSRFToken": self.token, **dict(kwargs.get("headers") or {})}
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        if changes:
            refusals.watch(f"{args} {kwargs.get('data')}", answer)
        if has_app_context():
            _see_what_is_new()
        return answer


def known_again(house: people.House, app: Flask) -> people.House:
    """Return ``house`` in another app, on a copy of its database, with everybody's devices."""
    again = people.House(app.test_client, join_path=house.join_path)
    for person in house.people.values():
        client = app.test_client()
        client.token = person.client.token
        for name in ("ementor", "ementor-who"):
            client.set_cookie(name, person.client.get_cookie(name).value)
        again.people[person.name] = replace(person, client=client)
    return again


_opened: list[Socket] = []


def close_sockets() -> None:
    """Disconnect every socket that the test opened, as the process would count them in the next one too."""
    while _opened:
        _opened.pop().disconnect()


class Socket:
    """One socket of one person, with an answer to everything it asks."""

    def __init__(self, app: Flask, person: people.Person, *, token: str | None = None, **auth: str) -> None:
        from ementor.extensions import socketio

        self.person = person
        self.app = app
        with app.app_context():
            self.inner = SocketIOTestClient(
                app,
                socketio,
                flask_test_client=person.client,
                auth={"token": token or person.socket_token} | auth,
            )
        self.heard: list[tuple[str, list[Any]]] = []
        _opened.append(self)

    @property
    def is_connected(self) -> bool:
        return bool(self.inner.is_connected())

    def join(self) -> Any:
        return self.ask("room:join", self.person.meeting_id)

    def ask(self, event: str, *arguments: Any) -> Any:
        """Send an event and return its answer."""
        with self.app.app_context():
            answer = self.inner.emit(event, *arguments, callback=True)
        if has_app_context():
            _see_what_is_new()
        return answer

    def received(self, event: str) -> list[Any]:
        """Return the first argument of each ``event`` heard until now."""
        self.heard += [(got["name"], got["args"]) for got in self.inner.get_received()]
        return [arguments[0] if arguments else None for name, arguments in self.heard if name == event]

    def disconnect(self) -> None:
        if self.is_connected:
            with self.app.app_context():
                self.inner.disconnect()


def _see_what_is_new() -> None:
    """Let the test's own session read anew what a request may have changed."""
    from ementor.database import db

    db.session.rollback()
