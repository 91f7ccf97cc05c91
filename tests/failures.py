"""Kill, fill, flip and cut a run at many places: `python -m tests.failures` does all of them.

The tests of `end_to_end/test_failures.py` do a share of each; the numbers are set by the variable
SOUSVEIL_FAILURES, "all" or "few".
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ALL = {"kills": 300, "sizes": 50, "bits": 500, "cuts": 100, "workers": 50}
FEW = {"kills": 10, "sizes": 6, "bits": 40, "cuts": 20, "workers": 3}


def counts() -> dict[str, int]:
    """How many failures of each kind are tried."""
    return ALL if os.environ.get("SOUSVEIL_FAILURES") == "all" else FEW


def main() -> int:
    """Try all of them, in one process and in order."""
    here = Path(__file__).parent / "end_to_end"
    files = [str(here / "test_failures.py"), str(here / "test_cluster.py")]
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", "0", *files]
    return subprocess.run(
        [*words, *sys.argv[1:]], env=os.environ | {"SOUSVEIL_FAILURES": "all"}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
