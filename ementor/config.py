"""Settings, from the environment or from whoever builds the app.

Every setting has a default that is right for one machine and one process. What is not
understood is refused at the start: a word taken for "off" would be found out too late.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = str(ROOT / "ementor" / "translations")
DEFAULT_TIME_ZONE = "Europe/Helsinki"
LEAST_SECRET = 32
MAX_LINE = 200
_SENDER = re.compile(r"(?P<name>[^<>@,;:()\"]+ <)?[!-;=?A-~]+@[!-;=?A-~]+(?(name)>)")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
YES, NO = ("1", "true", "yes"), ("0", "false", "no")


class CannotStart(SystemExit):
    """Why there is no starting, in one sentence and without a traceback."""


@dataclass(frozen=True)
class Setting:
    """What the environment may set, also with ``EMENTOR_`` before its name.

    ``parse`` raises ValueError with what is understood. ``help`` and ``unset`` are the README's.
    """

    name: str
    help: str
    unset: str
    parse: Callable[[str], Any] = str
    default: Any = None
    is_secret: bool = False

    def value(self, given: Any) -> Any:
        """Return the value of what was given, text or not; nothing and no text are the default."""
        if given is None or given == "":
            return self.default
        return self.parse(given) if isinstance(given, str) else given

    def shown(self, given: Any) -> str:
        """Return the setting as whoever wrote it may see it again."""
        return self.name if self.is_secret else f"{self.name}={given}"


@dataclass(frozen=True)
class Smtp:
    """A server that takes letters; ``secure`` when TLS comes before its first word."""

    host: str
    port: int
    secure: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def _yes_or_no(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError(f"say {', '.join(YES)} or {', '.join(NO)}")
    return text.lower() in YES


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:6]) <= most):
            raise ValueError(f"say a number from {least} to {most}")
        return int(text)

    return parse


def _origins(text: str) -> list[str]:
    for origin in text.split():
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{origin} is no origin; say https://room.example.org, several with spaces")
        if not parts.hostname or "*" in origin or "@" in origin:
            raise ValueError("name each origin, as https://room.example.org")
    return text.split()


def _database(text: str) -> str:
    url = text.replace("postgres://", "postgresql://", 1)
    if not url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        raise ValueError("say postgresql://user:password@host/name or sqlite:////path/to/file.db")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _redis(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("say redis://host:6379/0")
    return text


def _ancestors(text: str) -> str:
    if any(char in ";,\r\n" for char in text):
        raise ValueError("say 'none', 'self' or origins, separated by spaces")
    return text


def _smtp(text: str) -> Smtp:
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = 0
    wrong = parts.path.strip("/") or parts.query or parts.fragment or any(ord(char) < 33 for char in text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or port == 0 or wrong:
        raise ValueError("say smtp://user:password@host:587, or smtps://user:password@host:465")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("say both a user and a password, or none; in them write @ as %40 and : as %3A")
    secure = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Smtp(parts.hostname, port or (465 if secure else 587), secure, user, password)


def _mail_from(text: str) -> str:
    if not (_SENDER.fullmatch(text) and text.isprintable()):
        raise ValueError("say room@example.org, or ementor <room@example.org>")
    return text


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > MAX_LINE:
        raise ValueError(f"say it in one line of at most {MAX_LINE} characters")
    return text.strip()


def _reached_at(text: str) -> str:
    """Return the address of a link: ``mailto:`` for an e-mail address, or a page over HTTPS."""
    if _ADDRESS.fullmatch(text.removeprefix("mailto:")):
        return f"mailto:{text.removeprefix('mailto:')}"
    try:
        return _page(text)
    except ValueError:
        raise ValueError("say room@example.org, or https://example.org/feedback") from None


def _page(text: str) -> str:
    parts = urlsplit(text)
    odd = any(ord(char) < 33 or char in '"<>\\' for char in text)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or odd:
        raise ValueError("say https://example.org/privacy")
    return text


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise ValueError("say a date as 2026-11-30") from None


SETTINGS = (
    Setting("HOST", "the address to listen on", "`127.0.0.1`", default="127.0.0.1"),
    Setting("PORT", "the port to listen on", "5000, or the next free one", _number(1, 65535)),
    Setting("INSTANCE", "the folder of database and keys", "`instance/` beside `app.py`"),
    Setting(
        "DATABASE_URL",
        "`postgresql://user:password@host/name`, or `sqlite:////path/to/file.db`",
        "SQLite in `INSTANCE/data/`",
        _database,
        is_secret=True,
    ),
    Setting(
        "DATABASE_KEY",
        "the key of the SQLite file",
        "made once, in `INSTANCE/keys/database.key`",
        is_secret=True,
    ),
    Setting(
        "SECRET_KEY",
        "signs form tokens and what pages remember; the same for all processes",
        "made once, in `INSTANCE/keys/secret.key`",
        is_secret=True,
    ),
    Setting(
        "REDIS_URL",
        "`redis://host:6379/0`: what several processes tell each other, and their rate limits",
        "one process needs none",
        _redis,
        is_secret=True,
    ),
    Setting(
        "HTTPS",
        "`1` behind HTTPS: `Secure` cookies with `__Host-`, HSTS; then `PROXIES` is needed too",
        "plain HTTP",
        _yes_or_no,
        default=False,
    ),
    Setting(
        "PROXIES",
        "how many proxies stand before it, whose `X-Forwarded-*` headers are believed",
        "0: none is believed",
        _number(0, 9),
    ),
    Setting(
        "ORIGINS",
        "the origins it is reached by, separated by spaces; other hosts and the sockets of other pages are "
        "refused",
        "the address itself only",
        _origins,
        default=(),
    ),
    Setting(
        "CORRECT_DAYS",
        "for how many days after a meeting its members may correct the notes of its record",
        "30",
        _number(0, 3650),
        default=30,
    ),
    Setting(
        "FRAME_ANCESTORS",
        "sites that may show the room in a frame, as in the header `Content-Security-Policy`",
        "`'none'`",
        _ancestors,
        default="'none'",
    ),
    Setting(
        "SMTP_URL",
        "`smtp://user:password@host:587` or `smtps://user:password@host:465`: the server that sends letters",
        "letters are shown in the terminal",
        _smtp,
        is_secret=True,
    ),
    Setting(
        "MAIL_FROM",
        "who letters are from: `ementor <room@example.org>`",
        "needed with `SMTP_URL`",
        _mail_from,
    ),
    Setting(
        "BODY",
        "the organisation that runs it and is responsible for its data, as the privacy notice and the "
        "accessibility statement name it",
        "the pages say that nobody has been named",
        _line,
    ),
    Setting(
        "CONTACT",
        "where it is reached about personal data and accessibility: an e-mail address or `https://…`",
        "the pages say that no address has been given",
        _reached_at,
    ),
    Setting(
        "FEEDBACK",
        "where feedback goes: an e-mail address or `https://…`",
        "as `CONTACT`",
        _reached_at,
    ),
    Setting(
        "STATEMENT_DATE",
        "the day on which the organisation last checked its accessibility statement: `2026-11-30`",
        "the statement says that it is of the software alone",
        _date,
    ),
    Setting(
        "PRIVACY_PAGE",
        "`https://…` of the organisation's own privacy notice, which tells the grounds for keeping data",
        "the notice says whom to ask",
        _page,
    ),
    Setting(
        "BACKUP_DAYS",
        "for how many days you keep backups, as the privacy notice tells; nothing deletes them",
        "the notice says that it has not been told",
        _number(0, 3650),
    ),
)
NAMES = tuple(setting.name for setting in SETTINGS)


def settings_from(given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return Flask's settings: ``given`` first, then the environment, then the defaults.

    Raises CannotStart for whatever is not understood.
    """
    own = _read(dict(given or {}))
    instance = Path(own["INSTANCE"] or ROOT / "instance").resolve()
    url = own["DATABASE_URL"] or f"sqlite:///{instance / 'data' / 'ementor.db'}"
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
    https, origins = own["HTTPS"], list(own["ORIGINS"])
    return own | {
        "INSTANCE": instance,
        "ORIGINS": origins,
        "TRUSTED_HOSTS": [urlsplit(origin).hostname for origin in origins] or None,
        "SECRET_KEY": own["SECRET_KEY"] or kept_secret(instance / "keys" / "secret.key"),
        "DATABASE_KEY": own["DATABASE_KEY"]
        or (kept_secret(instance / "keys" / "database.key", of=file) if file else None),
        "SQLALCHEMY_DATABASE_URI": url,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=180),
        "SESSION_REFRESH_EACH_REQUEST": False,  # web.py renews it
        "SESSION_COOKIE_NAME": "__Host-ementor" if https else "ementor",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        # A meeting outlasts the default hour, and the token is bound to the session anyway.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": TRANSLATIONS,
        "RATELIMIT_STORAGE_URI": own["REDIS_URL"] or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": (
            {"socket_timeout": 1, "socket_connect_timeout": 1} if own["REDIS_URL"] else {}
        ),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def _read(given: dict[str, Any]) -> dict[str, Any]:
    wrong = [
        f"{name} is not a setting of ementor"
        for name in os.environ
        if name.startswith("EMENTOR_") and name.removeprefix("EMENTOR_") not in NAMES
    ]
    for setting in SETTINGS:
        environment = os.environ.get(f"EMENTOR_{setting.name}") or os.environ.get(setting.name)
        value = given.get(setting.name, environment)
        try:
            given[setting.name] = setting.value(value)
        except ValueError as error:
            wrong.append(f"{setting.shown(value)} is not understood: {error}")
    if not wrong and given["SMTP_URL"] and not given["MAIL_FROM"]:
        wrong.append("with SMTP_URL say who letters are from: MAIL_FROM=room@example.org")
    if wrong:
        raise CannotStart("\n".join(wrong))
    return given


def refuse_unsafe(config: Mapping[str, Any]) -> None:
    """Raise CannotStart for what is fine for trying things out, and not behind HTTPS for others."""
    if not config["HTTPS"]:
        return
    wrong = []
    if config["DEBUG"]:
        wrong.append("FLASK_DEBUG shows strangers what is inside: leave it out with HTTPS")
    if len(str(config["SECRET_KEY"])) < LEAST_SECRET:
        wrong.append(f"SECRET_KEY is shorter than {LEAST_SECRET} characters: openssl rand -hex 32 makes one")
    if config["PROXIES"] is None:
        wrong.append("with HTTPS say how many proxies stand before it: PROXIES=1, or PROXIES=0 for none")
    if any(origin.startswith("http:") for origin in config["ORIGINS"]):
        wrong.append("with HTTPS each of ORIGINS begins with https://")
    if wrong:
        raise CannotStart("\n".join(wrong))


def kept_secret(path: Path, *, of: Path | None = None) -> str:
    """Return the secret kept in ``path``, made at first use and readable by its owner only.

    Where ``of``, which it opens, is there already, none is made: raises CannotStart, as for a
    file that cannot be read.
    """
    try:
        if of is not None and not path.exists() and of.exists() and of.stat().st_size:
            raise CannotStart(
                f"{path} is not there, and without it nobody can read {of}: "
                "put the key back, or move that file away to begin anew"
            )
        secret = _secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not secret:
        raise CannotStart(f"{path} is empty: put the key back")
    return secret


def _secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)  # another process may have been faster: then its secret counts
        os.unlink(draft)
    return path.read_text(encoding="ascii").strip()
