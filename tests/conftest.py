"""What holds for every test: a fixed clock zone and locale, no network, golden results."""

from __future__ import annotations

import datetime
import json
import locale
import math
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# Neither UTC nor a whole hour: code that reads the machine's zone by mistake is found out. Set
# before anything is imported, because libraries read both once.
os.environ["TZ"] = "Asia/Kathmandu"
os.environ["LC_ALL"] = "C.UTF-8"
# Progress and help are wrapped and coloured by the terminal; tests read them as plain text.
os.environ["COLUMNS"] = "120"
os.environ["NO_COLOR"] = "1"

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"

# No deadline: the first call of a compiled kernel takes seconds. Derandomised, so that a change is
# judged by its own merit; HYPOTHESIS_PROFILE=search looks further.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden-reason",
        default="",
        help="accept new golden results and write this reason into the changelog",
    )


def pytest_configure() -> None:
    if hasattr(time, "tzset"):
        time.tzset()
    locale.setlocale(locale.LC_ALL, "C.UTF-8" if os.name == "posix" else "C")


# --- No network ---------------------------------------------------------------------------------

LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}


class NetworkRefusedError(RuntimeError):
    """A test asked for the network."""


def _refuse_outside(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in LOOPBACK and not str(name).startswith("127."):
        raise NetworkRefusedError(f"tests have no network: {name!r} was asked for")


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, *rest: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_outside(address[0])
        return original(self, address, *rest)

    return connect


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection and every look-up of a name that leaves this machine."""
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        _refuse_outside(host)
        return look_up(host, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


# --- Golden results -----------------------------------------------------------------------------


SINGLE_PRECISION = "share_viewed_daily"
"""A share whose many exponentials are taken in single precision: seven decimals."""


def _same(key: str, old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        # The last digits belong to the mathematical library of the machine, not to us.
        decimals = 1e-7 if key.split()[0] == SINGLE_PRECISION else 1e-12
        close = math.isclose(old, new, rel_tol=1e-9, abs_tol=decimals)
        return close or (old != old and new != new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same(key, *pair) for pair in zip(old, new, strict=True)
        )
    return type(old) is type(new) and old == new


def _write_news(name: str, reason: str) -> None:
    today = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d")
    words = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40]
    fragment = ROOT / "changelog.d" / f"+{today}-{words}.results.md"
    told = fragment.read_text(encoding="utf-8") if fragment.exists() else f"{reason} Moved:\n"
    fragment.write_text(f"{told.rstrip()} {name}\n", encoding="utf-8")


@pytest.fixture
def golden(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, Mapping[str, Any]], None]:
    """Compare a flat mapping of results with tests/golden/NAME.json.

    An update is an act: `make golden REASON='...'` prints old and new, writes file and news.
    """

    def compare(name: str, found: Mapping[str, Any]) -> None:
        path = GOLDEN / f"{name}.json"
        new: dict[str, Any] = json.loads(json.dumps(dict(found)))
        old: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        moved = [
            f"{key}: {old.get(key, 'absent')} -> {new.get(key, 'absent')}"
            for key in sorted(old.keys() | new.keys())
            if key not in old or key not in new or not _same(key, old[key], new[key])
        ]
        if not moved:
            return
        reason = str(request.config.getoption("--golden-reason") or "")
        if not reason:
            pytest.fail(
                f"results of {name} moved; if that is meant: make golden REASON='why'\n"
                + "\n".join(moved)
            )
        with capsys.disabled():
            print(f"\n{name}\n  " + "\n  ".join(moved))  # noqa: T201 (the print is the product)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(new, indent=1, sort_keys=True, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        _write_news(name, reason)

    return compare
