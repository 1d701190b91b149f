"""Pages of merging."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("merging", __name__)


@bp.get("/me/one")
def ask() -> str:
    """Ask whether two are one."""
    return ""
