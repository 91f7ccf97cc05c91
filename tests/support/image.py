"""A process that has loaded everything and computed nothing: it forks a run for every try.

A try then costs its run, and not a second of imports. The parent never computes, so what it forks
is what a fresh process would be after its imports. One request a line on standard input, one
answer a line on standard output.

Request: argv; step: the number of the step in the file system before which the run is killed;
after: seconds after which it is killed; limit: the largest file that it may write. Answer: code
(negative for a signal), seconds, steps, and what it said on standard error.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = ("os.rename", "os.remove", "os.mkdir")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def load() -> None:
    """Import what a run imports; start nothing."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = "1"
    from importlib import import_module

    for name in (
        "altair vl_convert scipy.stats scipy.stats.qmc sousveil.cli_run sousveil.cli_check "
        "sousveil.engine.run sousveil.engine.expected sousveil.report.page sousveil.cli"
    ).split():
        import_module(name)


class Steps:
    """Counts the steps by which a run changes a folder, and dies before a given one."""

    def __init__(self, folder: str, last: int | None) -> None:
        self.count = 0
        self._folder = folder
        self._last = last
        self._sync = os.fsync

    def listen(self) -> None:
        sys.addaudithook(self._hear)
        os.fsync = self._fsync

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            if not isinstance(args[2], int) or not args[2] & WRITING:
                return
        elif event not in STEPS:
            return
        if str(args[0]).startswith(self._folder):
            self._step()

    def _fsync(self, handle: Any) -> None:
        self._step()
        self._sync(handle)

    def _step(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def child(request: dict[str, Any], errors: int, result: int) -> None:
    """Become the run."""
    from sousveil.cli import main

    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(errors, 2)
    if request.get("limit"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["limit"], request["limit"]))
    argv = request["argv"]
    steps = Steps(argv[argv.index("--out") + 1], request.get("step"))
    steps.listen()
    sys.argv = ["sousveil", *argv]
    code = 70
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os.write(result, str(steps.count).encode())
        sys.stderr.flush()
        os._exit(code)


def ended(pid: int, after: float | None) -> int:
    """Wait for a child, or kill it after some seconds; its wait status."""
    if after is not None:
        limit = time.monotonic() + after
        while time.monotonic() < limit:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return status
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do one try."""
    with tempfile.TemporaryFile() as errors:
        read, write = os.pipe()
        started = time.monotonic()
        pid = os.fork()
        if not pid:
            child(request, errors.fileno(), write)
        status = ended(pid, request.get("after"))
        seconds = time.monotonic() - started
        os.close(write)
        counted = os.read(read, 100)
        os.close(read)
        errors.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": seconds,
            "steps": int(counted or 0),
            "said": errors.read().decode(),
        }


def serve(ask: Callable[[], str], tell: Callable[[str], object]) -> None:
    """Answer until there is no more request."""
    for line in iter(ask, ""):
        tell(f"{json.dumps(answer(json.loads(line)))}\n")


if __name__ == "__main__":
    load()
    sys.stdout.write(f"{json.dumps({'ready': len(list(Path('/proc/self/task').iterdir()))})}\n")
    sys.stdout.flush()

    def tell(text: str) -> None:
        """Answer at once."""
        sys.stdout.write(text)
        sys.stdout.flush()

    serve(sys.stdin.readline, tell)
