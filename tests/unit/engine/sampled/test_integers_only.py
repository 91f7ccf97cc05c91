"""No kernel that draws touches a float: their code in the compiler's own language is read.

Every compiled function of the sampled engines is found by walking them; the power path's are with
them. (`expected` draws nothing and may add floats.) Each is compiled afresh for the
arguments that it meets when both engines run, because what comes from a cache has no text.
"""

from __future__ import annotations

import importlib
import pkgutil
import platform
import re
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import sousveil.engine.sampled
from sousveil.arrays import HOURS_PER_YEAR
from sousveil.engine.sampled import events, hourly
from sousveil.processes import NO_GATE
from sousveil.world import drawing
from support.models import (
    everything,
    make_act,
    make_detection,
    make_inspections,
    make_model,
    make_world,
)

FOR_CARDS = "sousveil.engine.sampled.kernels.device"
"""Compiled for graphics cards alone: tests/ptx.py reads that code. What it calls is read here."""
FLOAT = re.compile(
    r"\b(?:double|float|half|x86_fp80|fp128)\b"
    r"|\b(?:f(?:add|sub|mul|div|rem|neg|cmp)|[us]itofp|fpto[us]i|fpext|fptrunc|fptosi)\b"
)


def kernels() -> dict[str, Dispatcher]:
    """Every compiled function of the package, by module and name."""
    found: dict[str, Dispatcher] = {}
    walk = pkgutil.walk_packages(sousveil.engine.sampled.__path__, "sousveil.engine.sampled.")
    for module in [*(item.name for item in walk), drawing.__name__]:
        if module == FOR_CARDS:
            continue
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module:
                found[f"{module}.{name}"] = value
    return found


def body(code: str) -> str:
    """The instructions of a compiled function, without names and notes."""
    lines = [
        line for line in code.splitlines() if not line.startswith((";", "!", "source_filename"))
    ]
    return re.sub(r'@(?:"[^"]*"|[\w.$]+)|c"[^"]*"|"[^"]*"', "", "\n".join(lines))


def floats_in(kernel: Any) -> list[str]:
    """What the code of a fresh kernel says of floats."""
    code = "".join(kernel.inspect_llvm().values())
    assert "icmp" in code or "add" in code, "the text is there"
    return sorted(set(FLOAT.findall(body(code))))


def draw_path() -> None:
    """A power path of one area with two feeders, and its hours."""
    flags = np.zeros(HOURS_PER_YEAR // 24, dtype=np.uint8)
    days = flags.astype(np.int64)
    chance = np.full((1, 2, 1, 24), 2**31, dtype=np.uint64)
    on = drawing.draw_hours(chance, flags[np.newaxis], days, 2, 1, 1, 0)
    assert on.shape == (1, 2, HOURS_PER_YEAR)
    assert drawing.hours_by_slot(on, days, days, 1, 24).sum() == on.sum()


def compiled_afresh() -> dict[str, Any]:
    """Each kernel that is no part of others, for all arguments that it meets in a run."""
    model = make_model(make_world(days=3), everything(make_world(days=3)))
    hourly.sample(model, 1, 0)
    events.sample(model, 1, 0)
    act = make_act(marks=(), completes={}, effect=None)
    for free in (act, replace(act, gate=NO_GATE)):
        items = free, make_detection("eye", "camera"), *make_inspections()
        events.sample(make_model(make_world(days=3), items), 1, 0)
    draw_path()
    fresh: dict[str, Any] = {}
    left, grew = kernels(), True
    while grew:
        grew = False
        for name, kernel in list(left.items()):
            if kernel.signatures:
                fresh[name] = numba.njit(kernel.py_func)
                for signature in kernel.signatures:
                    fresh[name].compile(signature)  # which compiles what it calls, too
                del left[name]
                grew = True
    inlined = {
        name for name, kernel in left.items() if kernel.targetoptions.get("inline") == "always"
    }
    assert set(left) == inlined, "kernels that no run has called"
    called = {word for kernel in fresh.values() for word in kernel.py_func.__code__.co_names}
    for _ in range(len(inlined)):  # what is part of a part
        for name in inlined:
            if name.rsplit(".", 1)[1] in called:
                called |= set(left[name].py_func.__code__.co_names)
    unused = {name for name in inlined if name.rsplit(".", 1)[1] not in called}
    assert not unused, "nothing that is compiled holds these"
    return fresh


@pytest.fixture(scope="module")
def fresh() -> dict[str, Any]:
    return compiled_afresh()


@pytest.mark.slow
def test_no_float_enters_a_kernel(fresh: dict[str, Any]) -> None:
    assert {name.rsplit(".", 1)[1] for name in fresh} >= {
        "fill_lanes", "fill_hourly", "fill_noticed", "fill_found", "fill_called", "fill_numbers",
        "fill_items", "fill_picked", "fill_placed", "fill_hours", "fill_sought", "add_up",
        "fill_people",
    }  # fmt: skip
    assert {name: found for name, kernel in fresh.items() if (found := floats_in(kernel))} == {}


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 code")
def test_the_innermost_loops_are_vectorised(fresh: dict[str, Any]) -> None:
    # A Philox round that the compiler cannot do eight at a time costs a factor of six.
    for name in (
        "fill_lanes",
        "fill_hourly",
        "fill_numbers",
        "draw",
        "fill_noticed",
        "fill_called",
    ):
        kernel = next(value for key, value in fresh.items() if key.endswith(f".{name}"))
        code = "".join(kernel.inspect_llvm().values())
        assert re.search(r"mul (?:nuw )?<\d+ x i64>", code), name


def test_a_float_would_be_found() -> None:
    def shares(words: np.ndarray, out: np.ndarray) -> None:
        for i in range(words.size):
            out[i] = np.uint32(words[i] * 0.5)

    def doubles(words: np.ndarray, out: np.ndarray) -> None:
        for i in range(words.size):
            out[i] = np.uint32(words[i] * np.uint32(2))

    words = np.arange(9, dtype=np.uint32)
    for kernel, found in ((numba.njit(shares), True), (numba.njit(doubles), False)):
        kernel(words, np.empty_like(words))
        assert bool(floats_in(kernel)) is found
