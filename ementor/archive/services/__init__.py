"""What people do with the end of a meeting and its record: close, undo, read."""

from ementor.archive.services.closing import (
    SEAL_AFTER,
    close_and_keep,
    close_by_itself,
    locked,
    reopen,
    seal,
    seal_due,
    when_sealed,
)
from ementor.archive.services.reading import (
    Kept,
    kept,
    kept_as_was,
    readable_by,
    readable_records,
    record_of,
    records_of,
    require_reader,
)

__all__ = [
    "SEAL_AFTER",
    "Kept",
    "close_and_keep",
    "close_by_itself",
    "kept",
    "kept_as_was",
    "locked",
    "readable_by",
    "readable_records",
    "record_of",
    "records_of",
    "reopen",
    "require_reader",
    "seal",
    "seal_due",
    "when_sealed",
]
