"""A mail server that takes letters, or does not, as a test wants it."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.support import machine

SENDER = "ementor <room@example.org>"
USER, PASSWORD = "room@example.org", "t0p:secret"


class Mailbox:
    """Keeps what it takes. ``answers`` are what it says to the next letters in place of taking them."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self.asked = 0
        self.logins: list[str] = []
        self.secure: list[bool] = []
        self.holds = threading.Event()
        """While it is set, a letter that has come whole gets no answer."""
        self.port = machine.free_port()

    def settings(self, *, user: str = "", host: str = "127.0.0.1") -> dict[str, str]:
        return {"SMTP_URL": f"smtp://{user}{host}:{self.port}", "MAIL_FROM": SENDER}

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.secure.append(session.ssl is not None)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert [letter["To"]] == envelope.rcpt_tos
        self.letters.append(letter)
        while self.holds.is_set():
            await asyncio.sleep(0.02)
        return "250 OK"

    def log_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        is_right = data.password.decode() == PASSWORD
        return AuthResult(success=is_right, handled=is_right)  # unhandled is answered by 535

    @contextmanager
    def open(self, **how: Any) -> Iterator[Mailbox]:
        """Serve until the block ends; ``how`` is the library's."""
        server = Controller(self, hostname="127.0.0.1", port=self.port, **how)
        server.start()
        try:
            yield self
        finally:
            self.holds.clear()
            server.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of ``localhost`` that nobody vouches for; returns it and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *about]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key
