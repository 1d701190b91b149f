"""The bundles that are committed are what their source makes."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDITOR = ROOT / "static" / "editor"
BUNDLES = {
    "editor.js": EDITOR / "editor.js",
}


def test_the_bundles_leave_room_for_the_rest_of_the_page():
    """The room page may load 150 KB; htmx takes 13 of them."""
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in BUNDLES.values())
    assert size <= 95 * 1024


def test_the_lock_file_names_no_registry():
    lock = (EDITOR / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_no_bundle_makes_code_from_text():
    """The CSP would stop it, in the middle of something."""
    for path in BUNDLES.values():
        script = path.read_text(encoding="utf-8")
        assert "new Function(" not in script
        assert "eval(" not in script.replace("performance.eval(", "")


def test_the_bundles_are_what_their_source_makes(tmp_path: Path):
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node and npm are only needed to change the editor")
    work = tmp_path / "editor"
    shutil.copytree(EDITOR, work, ignore=shutil.ignore_patterns("node_modules"))
    installed = EDITOR / "node_modules"
    if installed.is_dir():
        (work / "node_modules").symlink_to(installed)
    else:
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        answer = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=240, check=False)
        if answer.returncode and os.environ.get("CI") != "true":
            pytest.skip("the packages of the editor are not here and cannot be fetched")
        assert answer.returncode == 0, answer.stderr
    (tmp_path / "out").mkdir()
    subprocess.run([node, "build.mjs", tmp_path / "out"], cwd=work, check=True, timeout=120)
    for name, committed in BUNDLES.items():
        assert (tmp_path / "out" / name).read_bytes() == committed.read_bytes(), f"run npm run build: {name}"
