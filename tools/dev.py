"""The commands of the Makefile: run, test, check, translate.

Standard library only, as is all that it imports: it runs before anything is installed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.installing import (
    CATALOGS,
    DEV_LOCK,
    PYTHON,
    ROOT,
    RUN_LOCK,
    VENV,
    call,
    give_up,
    install_servers,
    say,
    set_up,
)
from tools.node import (
    BUILT,
    EDITOR,
    OXLINT,
    build_editor,
    build_pages,
    compress,
    install_packages,
    node,
    npm,
    packages_installed,
)

SOME_FAILED, NOTHING_CHOSEN = 1, 5  # pytest's exit codes
CACHE = ROOT / ".pytest_cache"
FEW = 5  # tests that may be flaky; where more fail, something is broken
MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a private folder in it
ENOUGH_BYTES = 2 * 1024**3
PEERS = ROOT / "tests" / "bench" / "peers"  # the servers that the benchmark compares with
UV = "uv==0.13.9"  # compiles the lock; nothing else needs it


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
    for packages in install_packages():
        say(f"SKIPPED: the linter of the scripts, as {packages} could not be installed.")
    stages = Stages()
    complaints = lint()
    stages.end("linters")
    quick = ["-m", "not larger and not thorough", "-n", "2", "-q", *arguments]
    code = pytest("tests/unit", "tests/integration", *quick, HYPOTHESIS_PROFILE="quick")
    stages.end("tests")
    return report(complaints + failed(code), stages)


def test(arguments: list[str]) -> int:
    """Run everything. What cannot be installed is skipped by name; with CI=true that fails."""
    stages = Stages()
    set_up(DEV_LOCK)
    absent = install_servers() + install_packages()
    stages.end("set-up")
    complaints = lint()
    stages.end("linters")
    # More at once than this machine may have cores: many wait, for a clock or for each other.
    # In one run, so that those in a browser, which wait more, go beside those that compute.
    several = ["-n", "3", "--dist", "worksteal", "-q", *arguments]
    complaints += failed(pytest_and_retry("tests/unit", "tests/integration", "tests/browser", *several))
    stages.end("tests")
    for package in absent:
        say(f"SKIPPED: every test that needs {package}, which could not be installed.")
        if os.environ.get("CI"):
            complaints.append(f"{package} is missing")
    return report(complaints, stages)


def bench(arguments: list[str]) -> int:
    set_up(DEV_LOCK)
    return call("-m", "tests.bench.run", *arguments)


def screenshots(arguments: list[str]) -> int:
    set_up(DEV_LOCK)
    install_servers()
    return call("-m", "tests.support.pictures", *arguments)


def translate(languages: list[str]) -> int:
    set_up(DEV_LOCK)
    return call("-m", "tools.catalogs", "update", *languages)


def bundle(_: list[str]) -> int:
    """Bundle the editor and what the pages load, and compress that."""
    set_up(DEV_LOCK)
    if absent := install_packages():
        give_up(f"Without {absent[0]} nothing can be built.")
    build_editor(EDITOR)
    build_pages(BUILT)
    compress()
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
    for packages in (EDITOR, PEERS):
        npm(
            "install", "--package-lock-only", "--omit-lockfile-registry-resolved", cwd=packages
        ).check_returncode()
    return 0


def clean(_: list[str]) -> int:
    """Take away all that can be made again. instance/ cannot: it holds what people wrote."""
    for cache in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"):
        shutil.rmtree(ROOT / cache, ignore_errors=True)
    for compiled in CATALOGS.rglob("*.mo"):
        compiled.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    return 0


def lint() -> list[str]:
    """Run all that reads the code, at once. Returns the names of those that complain."""
    python = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "lint-imports": [
            "-c",
            "from importlinter.cli import lint_imports_command as main; main()",
            "--no-logo",
        ],
        "djlint": ["-m", "djlint", "--lint", "--quiet", "templates"],
        "translations": ["-m", "tools.catalogs", "check"],
    }
    scripts = {"script tests": ["--test", "tests/scripts/*.test.mjs"]}
    if packages_installed():
        scripts["oxlint"] = [str(OXLINT), "--deny-warnings", "static", "tests/scripts"]
    commands = {name: [str(PYTHON), *tool] for name, tool in python.items()}
    commands |= {name: [str(node()), *tool] for name, tool in scripts.items()}
    running = {
        name: subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, command in commands.items()
    }
    complaints = []
    for name, process in running.items():
        output, _ = process.communicate()
        print(f"{name}: {'ok' if process.returncode == 0 else output.strip()}")
        if process.returncode != 0:
            complaints.append(name)
    return complaints


def pytest(*arguments: str, **environment: str) -> int:
    """Run pytest with a temporary folder that goes when it ends, however it ends.

    PostgreSQL refuses to run as root, so its own user must be able to reach its data in there.
    """
    where = folder_for_tests()
    with tempfile.TemporaryDirectory(prefix="ementor-", dir=where, ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - to pass through, not to look
        return call("-m", "pytest", *arguments, TMPDIR=folder, **environment)


def pytest_and_retry(*arguments: str, cache: Path = CACHE) -> int:
    """Run pytest, then what failed once more, alone; return the exit code (decision 41).

    A test that passes then is named as flaky. One that fails twice, or more than ``FEW``, fail the run.
    """
    code = pytest(*arguments, "--cache-clear")
    last_failed = cache / "v" / "cache" / "lastfailed"
    if code != SOME_FAILED or not last_failed.exists():
        return code
    tests = sorted(json.loads(last_failed.read_text()))
    if len(tests) > FEW:
        return code
    say(f"Once more, alone: {', '.join(tests)}")
    code = pytest(*arguments, "--last-failed", "-n", "0")
    if code == 0:
        for test in tests:
            say(f"FLAKY: {test} failed among the others and passed alone.")
    return code


def folder_for_tests(memory: Path = MEMORY) -> Path | None:
    """Return where tests keep their files: in memory where there is room, else where tempfile does.

    A thousand databases are made and dropped: in memory that takes a third of the time.
    """
    try:
        has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ENOUGH_BYTES
    except OSError:
        return None
    return memory if has_room else None


def failed(code: int) -> list[str]:
    """Return the complaint that pytest's exit code is."""
    return {0: [], NOTHING_CHOSEN: ["no test was chosen"]}.get(code, ["tests"])


class Stages:
    """How long each stage took, by the clock and of the processors, so that it is seen to grow."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.began = self.last = time.monotonic()
        self.last_cpu_s = cpu_s()

    def end(self, name: str) -> None:
        now, now_cpu_s = time.monotonic(), cpu_s()
        self.took.append(f"{name} {now - self.last:.0f} s (CPU {now_cpu_s - self.last_cpu_s:.0f} s)")
        self.last, self.last_cpu_s = now, now_cpu_s


def cpu_s() -> float:
    """Return the CPU time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def report(complaints: list[str], stages: Stages) -> int:
    say(", ".join(stages.took))
    took = f"{time.monotonic() - stages.began:.0f} s"
    say(f"FAILED after {took}: {', '.join(complaints)}" if complaints else f"All good, {took}.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
