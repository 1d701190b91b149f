"""The bundles that are committed are what their source makes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tools import node

BUNDLES = {
    "editor.js": node.EDITOR / "editor.js",
}


def test_the_bundles_leave_room_for_the_rest_of_the_page():
    """The room page may load 150 KB; htmx takes 13 of them."""
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in BUNDLES.values())
    assert size <= 95 * 1024


def test_the_lock_file_names_no_registry():
    lock = (node.EDITOR / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_no_bundle_makes_code_from_text():
    """The CSP would stop it, in the middle of something."""
    for path in BUNDLES.values():
        script = path.read_text(encoding="utf-8")
        assert "new Function(" not in script
        assert "eval(" not in script.replace("performance.eval(", "")


def test_the_bundles_are_what_their_source_makes(tmp_path: Path):
    if not node.packages_installed():
        pytest.skip("what the editor is built from is not installed: make bundle does it")
    node.build_editor(tmp_path)
    for name, committed in BUNDLES.items():
        assert (tmp_path / name).read_bytes() == committed.read_bytes(), f"make bundle builds it: {name}"


def test_what_the_pages_load_is_what_its_source_makes(tmp_path: Path):
    if not node.packages_installed():
        pytest.skip("what bundles it is not installed: make bundle does it")
    node.build_pages(tmp_path)
    made, committed = (
        {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.suffix in {".js", ".css"}
        }
        for folder in (tmp_path, node.BUILT)
    )
    assert made.keys() == committed.keys(), "make bundle builds it"
    assert [name for name in made if made[name] != committed[name]] == [], "make bundle builds it"


def test_each_compressed_copy_says_what_its_file_says():
    assert node.compress("--check") == "", "make bundle compresses them"


def test_every_icon_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (node.STATIC / "img" / "icons.svg").read_text("utf-8")))
    named = {
        name
        for path in (node.STATIC.parent / "templates").rglob("*.html")
        for name in re.findall(r"""\bicon\(["']([a-z-]+)["']\)""", path.read_text(encoding="utf-8"))
    }
    assert {"next", "lock", "note-undo", "calendar"} <= named
    assert named - drawn == set()


def test_what_templates_and_scripts_load_is_there():
    sources = [*(node.STATIC.parent / "templates").rglob("*.html"), *(node.STATIC / "js").rglob("*.js")]
    named = {
        name
        for path in sources
        for name in re.findall(r"""(?:filename='|"/static/)([^'"]+)['"]""", path.read_text(encoding="utf-8"))
    }
    assert {"built/room.css", "built/room/room.js", "built/glance.css", "editor/editor.js"} <= named
    assert [name for name in sorted(named) if not (node.STATIC / name).is_file()] == []


def test_f20_blocks_change_split_join_and_move_while_others_type_and_lines_die():
    """With the editor's own binding and Yjs: every letter is there once, and every page shows its text."""
    if not node.packages_installed():
        pytest.skip("what the editor is built from is not installed: make bundle does it")
    done = node.run_editor_script("test/schedule.mjs", "40")
    assert done.returncode == 0, done.stdout


def test_a_large_update_is_sent_in_pieces_that_fit_one_after_the_other():
    if not node.packages_installed():
        pytest.skip("what the editor is built from is not installed: make bundle does it")
    done = node.run_editor_script("test/pieces.mjs")
    assert done.returncode == 0, done.stdout
