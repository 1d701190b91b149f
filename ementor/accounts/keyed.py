"""Hashes of short secrets, which anybody could try out who has a copy of the database and not our key."""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import current_app


def keyed_hash(text: str) -> str:
    """Return what is kept of a code that is short enough to be typed."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"code:" + text.encode(), sha256).hexdigest()
