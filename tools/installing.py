"""Install what the project needs: .venv from the lock files, servers for the tests from Debian.

Standard library only: it runs before anything is installed. Scripts in .venv/bin hold its path and would
break in a folder that was moved, so tools run as modules of .venv's Python.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".stamp"  # the digests of the lock files that are installed
RUN_LOCK = ROOT / "requirements.txt"
DEV_LOCK = ROOT / "requirements-dev.txt"  # holds all of RUN_LOCK too
CATALOGS = ROOT / "ementor" / "translations"
SHELL = "chromium-headless-shell"

APT_INSTALL = """
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d  # no service starts
    chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" > /dev/null
"""


def set_up(lock_file: Path) -> None:
    """Make .venv when missing, install the lock when it changed, compile the catalogs. Offline when done."""
    if not works(PYTHON):
        make_venv()
    installed = STAMP.read_text().split() if STAMP.exists() else []
    if digest(lock_file) not in installed:
        say(f"Installing what {lock_file.name} lists (once, about a minute) ...")
        install(lock_file)
        locks = [RUN_LOCK, DEV_LOCK] if lock_file == DEV_LOCK else [RUN_LOCK]
        STAMP.write_text("".join(f"{digest(each)}\n" for each in locks))
    compile_catalogs()


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian splits it off
        package = f"python3.{sys.version_info.minor}-venv"
        if not apt_install([package]):
            give_up(f"Python's venv module is missing. Install it, then try again:\n  {apt_line([package])}")
    say("Making .venv ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def install(lock_file: Path) -> None:
    """Install with uv where there is one, as it takes seconds; plain pip can do the same."""
    how = ["install", "--quiet", "--require-hashes", "-r", str(lock_file)]
    if (uv := shutil.which("uv")) and subprocess.run([uv, "pip", *how, "--python", PYTHON]).returncode == 0:
        return
    pip = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
    if call(*pip, *how, "--prefer-binary") != 0:
        give_up(
            "The packages could not be installed, the lines above say why. Only this step needs the network."
        )


def digest(lock_file: Path) -> str:
    """Tell one content of a lock file from another, and one Python from another."""
    return hashlib.sha256(sys.version.encode() + lock_file.read_bytes()).hexdigest()


def works(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


def install_servers() -> list[str]:
    """Install what the larger tests need. Returns the Debian packages that are still missing."""
    faster = [] if shutil.which(SHELL) else [SHELL]  # without it the tests take the whole Chromium
    if wanted := absent_servers() + faster:
        say(f"Installing {', '.join(wanted)} for the tests ...")
        if not apt_install(wanted):
            for package in wanted:  # one that is unknown here stops no other
                apt_install([package])
    if absent := absent_servers():
        say(f"Not installed; to have everything tested:\n  {apt_line(absent)}")
    return absent


def absent_servers() -> list[str]:
    postgres = shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = {
        "chromium": shutil.which("chromium"),
        "redis-server": shutil.which("redis-server"),
        "postgresql": postgres,
        "firefox-esr": shutil.which("firefox-esr") or shutil.which("firefox"),
        "webkit2gtk-driver": shutil.which("WebKitWebDriver"),
        "xvfb": shutil.which("Xvfb"),  # WebKit's browser wants a screen
        "unzip": shutil.which("unzip"),  # reads the files to take along, which it did not write
    }
    return [package for package, where in found.items() if not where]


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages as root or by a sudo that asks nothing; no service starts."""
    command = ["sh", "-ec", APT_INSTALL, "apt", *packages]
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode != 0:
            return False
        command = [sudo, "-n", *command]
    return subprocess.run(command).returncode == 0


def apt_line(packages: list[str]) -> str:
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def compile_catalogs() -> None:
    """Compile the catalogs when one changed: .mo files are not committed, so they are never stale."""
    for catalog in CATALOGS.glob("*/LC_MESSAGES/*.po"):
        compiled = catalog.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime:
            if call("-m", "tools.catalogs", "compile") != 0:
                give_up("The translations could not be compiled, the lines above say why.")
            return


def call(*arguments: str, **environment: str) -> int:
    return subprocess.run([PYTHON, *arguments], env={**os.environ, **environment}).returncode


def say(text: str) -> None:
    print(f"ementor: {text}", flush=True)


def give_up(text: str) -> NoReturn:
    print(f"ementor: {text}", file=sys.stderr)
    sys.exit(1)
