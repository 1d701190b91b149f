"""Settings, from the environment or from whoever builds the app.

Every setting has a default that is right for one machine and one process.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("fi", "sv", "en")
DEFAULT_TIME_ZONE = "Europe/Helsinki"
NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DATABASE_KEY",
    "INSTANCE",
    "HTTPS",
    "ORIGINS",
    "PROXIES",
    "FRAME_ANCESTORS",
)
"""What the environment may set, each also with ``EMENTOR_`` before it."""


def settings_from(given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return Flask's settings: ``given`` first, then the environment, then the defaults."""
    own = {name: os.environ.get(f"EMENTOR_{name}", os.environ.get(name)) for name in NAMES}
    own = {name: value for name, value in own.items() if value} | dict(given or {})
    instance = Path(own.get("INSTANCE") or ROOT / "instance").resolve()
    https = str(own.get("HTTPS", "")).lower() in {"1", "true", "yes"}
    url = str(own.get("DATABASE_URL") or f"sqlite:///{instance / 'data' / 'ementor.db'}")
    url = url.replace("postgres://", "postgresql://", 1)
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    origins = str(own.get("ORIGINS") or "").split()
    return own | {
        "INSTANCE": instance,
        "HTTPS": https,
        "PROXIES": int(own.get("PROXIES") or 0),
        "ORIGINS": origins,
        "TRUSTED_HOSTS": [urlsplit(origin).hostname for origin in origins] or None,
        "REDIS_URL": own.get("REDIS_URL") or None,
        "FRAME_ANCESTORS": own.get("FRAME_ANCESTORS") or "'none'",
        "SECRET_KEY": own.get("SECRET_KEY") or kept_secret(instance / "keys" / "secret.key"),
        "DATABASE_KEY": own.get("DATABASE_KEY")
        or (kept_secret(instance / "keys" / "database.key") if url.startswith("sqlite") else None),
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
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "ementor" / "translations"),
        "RATELIMIT_STORAGE_URI": own.get("REDIS_URL") or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": (
            {"socket_timeout": 1, "socket_connect_timeout": 1} if own.get("REDIS_URL") else {}
        ),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def kept_secret(path: Path) -> str:
    """Return the secret kept in ``path``, made at first use and readable by its owner only."""
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
