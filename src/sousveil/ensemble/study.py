"""What a run is asked to do, as frozen values that travel to any worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sousveil.errors import Problem, Problems, close_to, listed
from sousveil.quantity import Location
from sousveil.scenario.model import CENTRAL, Draw, Scenario

BASE = ""
"""Name of the base run in every table."""
NO_WHAT_IF = "none"
MOST_SEED = 2**32 - 1


class Refused(ValueError):
    """A run that is asked for in a way that cannot be; one line says how to mend it."""


class RunFailure(Exception):  # noqa: N818 (it is what failed, in one line, and read as such)
    """A run that cannot go on. The message is one line and says what is kept."""


class Interrupted(RunFailure):
    """Somebody stopped the run; what is finished is kept and a later run resumes."""


@dataclass(frozen=True)
class Branch:
    """The base, or one what-if (or several combined, "A+B") that is run beside it."""

    name: str
    what_ifs: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """A run as it was asked for.

    branches: the base first. base: what-ifs under everything (a year taken as the base). engine: of
    the members. central_engine: of the central run beside the expected one; sampled: the branches
    that it runs. scale: share of the units that a sampled run simulates. device: cpu or gpu, where
    this process samples; it changes no bit of a result, so it is no part of the identity.
    """

    scenario: Scenario
    seed: int
    members: int
    branches: tuple[Branch, ...]
    base: tuple[str, ...] = ()
    engine: str = "expected"
    central_engine: str = "events"
    sampled: tuple[str, ...] = (BASE,)
    scale: float = 0.02
    method: str = "latin_hypercube"
    device: str = "cpu"

    @property
    def identity(self) -> dict[str, object]:
        """What two runs must share for a member of one to be a member of the other.

        The number of members is not part of it: a longer ensemble begins with the shorter one.
        """
        return {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "seed": self.seed,
            "what_ifs": [branch.name for branch in self.branches],
            "base": list(self.base),
            "engine": self.engine,
            "central_engine": self.central_engine,
            "sampled": list(self.sampled),
            "scale": self.scale,
            "method": self.method,
        }

    @cached_property
    def digest(self) -> str:
        """Hash of the identity."""
        text = json.dumps(self.identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Task:
    """One unit of work: the branches named, at one draw, on one draw of the forcings.

    kind: member (kept in the store), central, sampled, environment, frozen, end, attribution or
    arrivals (which asks for their changes and for no branch).
    number: within its kind. member: number of the forcings and of chance. only: the channels that
    are left, None for all of them. measures: those that are wanted, None for all. chilling: whether
    people may forgo acts for fear, where the scenario says that they do.
    """

    kind: str
    number: int
    member: int
    draw: Draw = CENTRAL
    branches: tuple[str, ...] = (BASE,)
    engine: str = "expected"
    only: tuple[str, ...] | None = None
    measures: tuple[str, ...] | None = None
    chilling: bool = True

    @property
    def kept(self) -> bool:
        """Whether its result goes to the store rather than back to the caller."""
        return self.kind == "member"


def branches_of(scenario: Scenario, wanted: Iterable[str] | None) -> tuple[Branch, ...]:
    """The base and every branch asked for; None means every what-if, "none" the base alone.

    Raises Problems naming every what-if that the scenario does not have.
    """
    years = {item.name for item in scenario.what_ifs.values()}
    names = list(scenario.what_ifs) if wanted is None else list(dict.fromkeys(wanted))
    names = [name for name in names if name != NO_WHAT_IF]
    parts = {name: tuple(part.strip() for part in name.split("+")) for name in names}
    unknown = sorted({part for some in parts.values() for part in some} - years)
    if unknown:
        raise Problems(_unknown(scenario, name) for name in unknown)
    return (Branch(BASE, ()), *(Branch("+".join(some), some) for some in parts.values()))


def _unknown(scenario: Scenario, name: str) -> Problem:
    return Problem(
        "unknown-name",
        Location("--what-if", 1, 1),
        name,
        "no what-if of that name",
        f"one of {listed(scenario.what_ifs)}",
        "name a what-if of the scenario",
        close_to(name, scenario.what_ifs),
    )


def base_of(scenario: Scenario, year: int | None) -> tuple[str, ...]:
    """The what-ifs that make another year the base; () for the year of the scenario."""
    if year is None or year == scenario.year:
        return ()
    name = f"as_of_{year}"
    if name in scenario.what_ifs:
        return (name,)
    known = sorted(item.year for item in scenario.what_ifs.values() if item.year is not None)
    years = listed(str(known_year) for known_year in [*known, scenario.year])
    place = Location("--as-of", 1, 1)
    raise Problems(
        [Problem("unknown-name", place, str(year), "no what-if for that year", f"one of {years}")]
    )
