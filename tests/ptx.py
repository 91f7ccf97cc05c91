"""Every kernel of a graphics card, compiled without one: whole numbers alone, and no spilling.

`make gpu-check` runs it in an environment with numba-cuda. A model of every kind of process is run
once on the processor; what each question would launch on a card is compiled to PTX, and that to
machine code, for the newest card that we know of.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from sousveil.engine.sampled.card import Card
from sousveil.engine.sampled.chance import Chance
from sousveil.engine.sampled.compiled import Compiled
from sousveil.engine.sampled.gpu import OnCard, chance_on
from sousveil.engine.sampled.kernels import device
from sousveil.rng import Key
from support.models import everything, make_inspections, make_model, make_world
from support.parts import lower, run_part

CAPABILITY = (9, 0)
MOST_SPILL = 64
"""Bytes of a thread's own memory that a kernel may use before a reader should look."""
FLOAT = re.compile(r"^[^/\n]*\.(?:f16|f32|f64|bf16)\b", re.MULTILINE)
KEY = Key(1, 2)
KERNELS = {name for name in vars(device) if name.endswith("_kernel")}


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


@dataclass(frozen=True)
class Noting(Card):
    """A card that launches nothing: it notes the kernel, and the types that it is given."""

    noted: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def new(self, shape: tuple[int, ...], kind: Any) -> Any:
        """Ones: an event for every entity, so that every kernel has something to do."""
        return np.ones(shape, kind)

    def run(self, kernel: Any, size: int, *arguments: Any) -> None:
        if size > 0:
            types = tuple(kernel.typeof_pyval(item) for item in arguments)
            self.noted.setdefault(f"{kernel.py_func.__name__} {len(self.noted)}", (kernel, types))


class Noted:
    """Answers of the processor to questions that are put to the card as well."""

    def __init__(self, card: OnCard) -> None:
        self.key, self._card, self._compiled = card.key, card, Compiled(card.key, yearly=True)

    def __getattr__(self, name: str) -> Any:
        def ask(*args: Any, **options: Any) -> Any:
            getattr(self._card, name)(*args, **options)
            return getattr(self._compiled, name)(*args, **options)

        return ask


def launches() -> list[tuple[str, Any, Any]]:
    """Name, kernel and types of every distinct launch of a small run."""
    card = Noting(None, simulated=True, free=1 << 30)
    world = make_world(days=4)
    # Of acts without marks an inspection asks another question than of those with marks.
    gates = replace(make_inspections()[2], name="gates", act="travel")
    model = make_model(world, (*everything(world), gates))
    run_part(lower(model, yearly=True), cast(Chance, Noted(chance_on(card, KEY))), range(10))
    distinct = {(kernel, types): name.split()[0] for name, (kernel, types) in card.noted.items()}
    return [(name, *launch) for launch, name in distinct.items()]


def pretend_a_card() -> None:
    """A function that calls another is compiled for the card at hand: say which that would be."""
    dispatcher: Any = import_module("numba.cuda.dispatcher")
    here = SimpleNamespace(compute_capability=CAPABILITY)
    dispatcher.get_current_device = lambda: here


def spilled(ptx: str) -> tuple[int, int]:
    """Registers of a thread in machine code, and the bytes that it spills or holds on a stack."""
    places = find_spec("nvidia")
    folder = Path(next(iter(places.submodule_search_locations or []))) if places else Path()
    program = folder / "cuda_nvcc" / "bin" / "ptxas"
    chip = "sm_" + "".join(map(str, CAPABILITY))
    with TemporaryDirectory() as place:
        code = Path(place) / "kernel.ptx"
        code.write_text(ptx, encoding="utf-8")
        command = [program, "-v", f"-arch={chip}", code, "-o", Path(place) / "kernel.bin"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    bytes_spilled = sum(map(int, re.findall(r"(\d+) bytes (?:stack frame|spill)", told)))
    return max(map(int, re.findall(r"Used (\d+) registers", told))), bytes_spilled


def main() -> int:
    """Compile all; print a line a kernel; 1 where one has a fault."""
    cuda: Any = import_module("numba.cuda")
    pretend_a_card()
    faults = 0
    say(f"numba-cuda {version('numba-cuda')}, capability {'.'.join(map(str, CAPABILITY))}")
    found = launches()
    missing = KERNELS - {name for name, _, _ in found}
    for name, kernel, types in found:
        ptx, _ = cuda.compile_ptx(kernel.py_func, types, cc=CAPABILITY)
        floats = FLOAT.findall(ptx)
        registers, spill = spilled(ptx)
        lines = sum(line.strip().endswith(";") for line in ptx.splitlines())
        say(
            f"{name}: {lines} instructions, {len(floats)} on floats, {registers} registers, "
            f"{spill} bytes spilled"
        )
        for line in floats[:5]:
            say(f"    {line.strip()}")
        faults += bool(floats) or spill > MOST_SPILL
    if missing:
        say(f"never launched: {', '.join(sorted(missing))}")
    say("integers only, nothing spilled" if not faults and not missing else "NOT as it should be")
    return 1 if faults or missing else 0


if __name__ == "__main__":
    sys.exit(main())
