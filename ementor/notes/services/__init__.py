"""What people do with the shared notes, and each with their own."""

from ementor.notes.services.cursors import Cursor, show_cursor
from ementor.notes.services.log import newest, newest_of, newest_own_since, written_at
from ementor.notes.services.memory import document_of, documents_in_memory, forget, forget_unseen, told
from ementor.notes.services.merging import make_one
from ementor.notes.services.quick import Edit, add_update_quickly, newest_quickly, show_cursor_quickly
from ementor.notes.services.reading import (
    collected_of,
    html_of,
    is_kept_whole,
    keep_own,
    own_html,
    own_html_of,
    own_of,
)
from ementor.notes.services.refusals import UpdateRefused
from ementor.notes.services.writing import add_update, newest_for, say, sync

__all__ = [
    "Cursor",
    "Edit",
    "UpdateRefused",
    "add_update",
    "add_update_quickly",
    "collected_of",
    "document_of",
    "documents_in_memory",
    "forget",
    "forget_unseen",
    "html_of",
    "is_kept_whole",
    "keep_own",
    "make_one",
    "newest",
    "newest_for",
    "newest_of",
    "newest_own_since",
    "newest_quickly",
    "own_html",
    "own_html_of",
    "own_of",
    "say",
    "show_cursor",
    "show_cursor_quickly",
    "sync",
    "told",
    "written_at",
]
