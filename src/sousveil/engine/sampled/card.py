"""A graphics card: whether there is one, its memory, what goes up and what comes down.

Plain allocations alone: memory is asked for in advance, so that work is cut into batches that fit
and never spills into that of the host. The library is imported when a card is asked for, not
before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np

from sousveil.arrays import AnyArray, Ints

THREADS = 128
"""Threads of a launched group; a multiple of what a card runs in step."""
MOST_GROUPS = 65_536
"""Groups of a launch: threads stride over what is more."""
SHARE = 0.5
"""Share of the free memory that a question may fill: what the last one held is given back late."""
_SIMULATED = (2, 3)
"""Groups and threads in a simulator, where each thread is a slow one of Python."""
_SIMULATED_MEMORY = 1 << 30
_ANSWER = (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


class NoCard(Exception):  # noqa: N818 (it is what is missing, in one line, and read as such)
    """There is no card to compute on; the message says what is missing and how to mend it."""


@dataclass(frozen=True)
class Card:
    """A card at hand. free: bytes that a question may fill."""

    cuda: Any
    simulated: bool
    free: int
    lock: Lock = field(default_factory=Lock)
    """One question at a time: their memory would not fit together."""

    def up(self, values: Any) -> Any:
        """An array on the card, or a tuple with its arrays there."""
        if self.simulated:
            return values  # its functions read arrays of the host
        if isinstance(values, np.ndarray):
            return self.cuda.to_device(np.ascontiguousarray(values))
        if isinstance(values, tuple):
            return type(values)(*map(self.up, values))
        return values

    def new(self, shape: tuple[int, ...], kind: Any) -> Any:
        """An array on the card with nothing in it."""
        return np.empty(shape, kind) if self.simulated else self.cuda.device_array(shape, kind)

    def down(self, values: Any) -> AnyArray:
        """An array of the card on the host."""
        return values if self.simulated else values.copy_to_host()

    def run(self, kernel: Any, size: int, *arguments: Any) -> None:
        """Launch a kernel over so many items; none need no launch."""
        if size > 0:
            groups = min(-(-size // THREADS), MOST_GROUPS)
            shape = _SIMULATED if self.simulated else (groups, THREADS)
            kernel[shape](*arguments)

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What a driver raises in the middle of work."""
        if self.simulated:
            return ()
        from numba.cuda.cudadrv.driver import CudaAPIError

        return (CudaAPIError,)


def open_card() -> Card:
    """The card of this machine, once it has given the right answer to a known question.

    Raises NoCard, in one line.
    """
    from numba import config

    simulated = bool(getattr(config, "ENABLE_CUDASIM", 0))
    if not simulated and find_spec("numba_cuda") is None:
        raise NoCard("numba-cuda is not installed: pip install 'sousveil[gpu]'")
    from numba import cuda

    library: Any = cuda
    settings: Any = config
    # Advice on small launches is of no use to who runs a small model.
    settings.CUDA_LOW_OCCUPANCY_WARNINGS = 0
    try:
        if not library.is_available():
            raise NoCard("no NVIDIA card answers: see that `nvidia-smi` lists one")
        free = library.current_context().get_memory_info().free
        bounded = _SIMULATED_MEMORY if simulated else int(free * SHARE)
        card = Card(library, simulated, bounded)
        right = _known_answer(card) == _ANSWER
    except NoCard:
        raise
    except Exception as problem:
        # Drivers fail in ways of their own; each means that this card is of no use here.
        words = " ".join(str(problem).split())[:200]
        raise NoCard(f"the card does not work ({type(problem).__name__}: {words})") from problem
    if not right:
        raise NoCard("the card gives wrong answers: it fails a published test vector of Philox")
    return card


def _known_answer(card: Card) -> tuple[int, ...]:
    """Random123's vector of the digits of pi, on the card."""
    from sousveil.engine.sampled.kernels.device import Asked, lanes_kernel

    key = np.array([0xA4093822, 0x299F31D0], np.uint32)
    stream, entity, event = (
        np.array([word], np.uint32) for word in (0x13198A2E, 0x243F6A88, 0x85A308D3)
    )
    asked = card.up(Asked(key, stream, np.uint32(0x03707344), entity, event))
    out = card.new((4, 1), np.uint32)
    card.run(lanes_kernel, 1, asked, out)
    return tuple(card.down(out)[:, 0].tolist())


def batches(sizes: Ints, free: int) -> Iterator[slice]:
    """Items in order, in as few slices as fit: sizes are the bytes of each.

    Raises NoCard where one alone does not fit.
    """
    if len(sizes) and int(sizes.max()) > free:
        raise NoCard(f"its memory is too small: one item needs {sizes.max():,} of {free:,} bytes")
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        stop = int(np.searchsorted(ends, before + free, side="right"))
        yield slice(start, stop)
        start = stop


def bytes_of(values: Any) -> int:
    """Bytes of the arrays of a tuple."""
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
