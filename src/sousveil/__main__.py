"""`python -m sousveil` is the command `sousveil`, which can be stopped from its first moment."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command; Ctrl-C and SIGTERM end it in one line, though libraries are still loading.

    A library that is half imported turns an interrupt into an error of its own: so the process
    ends at once, until `run` has something to keep and listens itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        # What the shell told us to ignore stays ignored (`nohup`, a job in the background).
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    # Registered first, called last: what is done is done, and Python's own end is not interrupted.
    atexit.register(end_undisturbed)
    from sousveil.cli import main as command

    command()


def end_undisturbed() -> None:
    """Let Python end with the code that it was given, whatever it remembers or still hears."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # An interrupt that struck while a text was executed (a dataclass in the making) is remembered
    # by Python, which then ends by SIGINT and not by its exit code; another text makes it forget.
    exec("")


def _leave(number: int, frame: FrameType | None) -> None:
    sys.stdout.flush()
    os.write(2, b"sousveil: stopped\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
