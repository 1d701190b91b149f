"""`make screenshots`: all pictures anew, or the kinds that are named: ``ARGS="help icons"``."""

from __future__ import annotations

import sys

from tests.support import help_pictures, icons, screenshots

KINDS = {"readme": screenshots.main, "help": help_pictures.main, "icons": icons.main}


def main() -> None:
    wanted = sys.argv[1:] or list(KINDS)
    if unknown := set(wanted) - set(KINDS):
        sys.exit(f"{', '.join(sorted(unknown))}: say {', '.join(KINDS)}")
    for kind in wanted:
        KINDS[kind]()


if __name__ == "__main__":
    main()
