"""A pure function that remembers its last results, and gives them again for the same arguments.

Values that are the very same object need not be compared again, nor worked out from again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Generic, TypeVar, TypeVarTuple

from sousveil.sameness import same

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


def remembered(
    most: int,
) -> Callable[[Callable[[*Given], Result]], Callable[[*Given], Result]]:
    """Remember the last `most` results of a function; arguments may hold arrays and mappings."""

    def of(work: Callable[[*Given], Result]) -> Callable[[*Given], Result]:
        kept: deque[tuple[tuple[Any, ...], Result]] = deque(maxlen=most)

        @wraps(work)
        def found(*given: *Given) -> Result:
            for known, result in tuple(kept):
                if same(known, given):
                    return result
            result = work(*given)
            kept.append((given, result))
            return result

        return found

    return of


class Kept(Generic[Result]):
    """What was worked out, by all that it hangs on; where there is too much of it, none is kept."""

    def __init__(self, most: int) -> None:
        """Begin with nothing; `most` results are kept."""
        self._most = most
        self._known: dict[Hashable, Result] = {}

    def __call__(self, label: Hashable, work: Callable[[], Result]) -> Result:
        """The result of a label, worked out when it is first asked for."""
        if label in (known := self._known):
            return known[label]
        result = work()
        if len(known) >= self._most:
            known = self._known = {}  # another thread may be reading the old ones
        known[label] = result
        return result
