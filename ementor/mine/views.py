"""My notes: what somebody may read of all their meetings."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("mine", __name__)
