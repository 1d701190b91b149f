"""Sending what waits in the outbox: by SMTP, or onto the terminal where no server is set."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from ementor.config import Smtp
from ementor.errors import DomainError
from ementor.mail import services
from ementor.mail.models import Letter

ANSWER_WITHIN_S = 15.0
OF_US = (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError)

log = logging.getLogger(__name__)


class Post:
    """The background job of each process: begin to send what waits, in no other job's way."""

    def __init__(self) -> None:
        self.worker: threading.Thread | None = None

    def __call__(self) -> None:
        """Look for letters, unless some are being sent."""
        if (self.worker is None or not self.worker.is_alive()) and services.is_any_due():
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
            self.worker = threading.Thread(target=_work, args=(app,), daemon=True)
            self.worker.start()


def _work(app: Flask) -> None:
    with app.app_context():
        try:
            send_due()
        except (DomainError, SQLAlchemyError) as error:  # the database may be away for a while
            log.warning("letters are left for later: %s", type(error).__name__)


def send_due() -> None:
    """Send what waits, one after the other, until the server does not take one just now.

    Whoever dies between sending a letter and dropping it leaves it to be sent once more.
    """
    while (letter := services.take()) is not None:
        try:
            deliver(letter)
        except (OSError, ValueError) as error:  # all that smtplib raises are OSErrors
            # Neither an answer nor an address may stand in a log: its number does.
            how = (letter.id, letter.tries, type(error).__name__, _status(error))
            if _is_final(error):
                log.warning("letter %d cannot be delivered (try %d): %s %d", *how)
                services.drop(letter.id)
                continue
            log.warning("letter %d is left for later (try %d): %s %d", *how)
            services.put_back(letter.id)
            return
        services.drop(letter.id)


def deliver(letter: Letter) -> None:
    """Hand one letter to the mail server, or show it in the terminal without one."""
    server: Smtp | None = current_app.config["SMTP_URL"]
    if server is None:
        show(letter)
        return
    message = message_of(letter)
    connection = connect(server)
    try:
        connection.send_message(message)
    finally:
        with suppress(OSError):  # whatever it says to a goodbye, the letter is taken by now or is not
            connection.quit()
        connection.close()


def connect(server: Smtp) -> smtplib.SMTP:
    """Return a connection that letters can be sent by; a password never goes over an unencrypted one."""
    trusted = ssl.create_default_context()
    if server.secure:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=ANSWER_WITHIN_S, context=trusted
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=ANSWER_WITHIN_S)
    try:
        connection.ehlo_or_helo_if_needed()
        if not server.secure and (server.password or connection.has_extn("starttls")):
            if not server.password:
                # Who could pass for the server could as well leave STARTTLS out: a local relay's own
                # certificate is better than none, and a password waits for one that is vouched for.
                trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
            connection.starttls(context=trusted)
            connection.ehlo()
        if server.password:
            connection.login(server.user, server.password)
    except BaseException:  # whatever ends it, also a killed greenlet, leaves no open connection
        connection.close()
        raise
    return connection


def message_of(letter: Letter) -> EmailMessage:
    """Return a letter as it is sent: plain text, and nothing that tells when it is read."""
    sender: str = current_app.config["MAIL_FROM"]
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"] = format_datetime(letter.made_at)
    message["Message-ID"] = make_msgid(domain=_host(message))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    return message


def show(letter: Letter) -> None:
    """Print a letter for whoever tries ementor out."""
    lines = [f"To: {letter.to}", f"Subject: {letter.subject}", "", *letter.text.splitlines()]
    shown = "\n".join(f"  | {line}".rstrip() for line in lines)
    print(f"\n  A letter, shown here as SMTP_URL is not set:\n{shown}\n", flush=True)  # noqa: T201


def _host(message: EmailMessage) -> str:
    origins: list[str] = current_app.config["ORIGINS"]
    return (urlsplit(origins[0]).hostname if origins else None) or message["From"].addresses[0].domain


def _status(error: Exception) -> int:
    """Return the server's answer as a number, the mildest where there are several; 0 for none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(status for status, _ in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))


def _is_final(error: Exception) -> bool:
    """Tell whether the server will never take this letter; what it says of us may be set right meanwhile."""
    return _status(error) >= 500 and not isinstance(error, OF_US)
