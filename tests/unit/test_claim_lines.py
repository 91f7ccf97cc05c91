"""What the terminal says of a claim, in one line."""

from __future__ import annotations

from typing import Any

from sousveil.cli_run import claim_line
from sousveil.ensemble.shares import SUPPORTED, TOO_FEW, UNDECIDED
from sousveil.ensemble.verdicts import FACT

RATE, SPEED = "acts.talk.rate", "world.speed"


def part(share: float, **words: Any) -> dict[str, Any]:
    """One test of an entry of claims.json, as far as the line reads it."""
    empty: dict[str, Any] = {"unknown": 0.0, "members": 64, "ends_failing": [], "ends_unknown": []}
    return {"share": share} | empty | words


def line(verdict: str, *parts: dict[str, Any], **words: Any) -> str:
    about: dict[str, Any] = {
        "claim_id": "C1",
        "claim": "A sentence.",
        "decides": "",
        "unknown": 0.0,
    }
    about |= {"verdict": verdict, "numbers": parts, "more_members_may_change_it": False}
    return claim_line(about | words)


def end(path: str, name: str) -> dict[str, str]:
    return {"quantity": path, "end": name}


def test_the_share_and_the_quantity_that_decides() -> None:
    assert line(SUPPORTED, part(0.95)) == "C1 supported (in 95% of the ranges): A sentence."
    told = line(UNDECIDED, part(1.0), part(0.5), decides=SPEED)
    assert "(its tests in 100% and 50% of the ranges); it hangs on world.speed: A" in told
    assert line(FACT, unknown=None) == "C1 fact: A sentence."


def test_an_end_that_fails_is_named_with_its_test() -> None:
    failing = part(1.0, ends_failing=[end(RATE, "low"), end(SPEED, "high")])
    told = line(UNDECIDED, part(1.0), failing, decides=RATE)
    assert "; test 2 fails at the low end of acts.talk.rate and at 1 more: A" in told
    assert "hangs on" not in told, "the end says it"
    told = line(UNDECIDED, failing, decides="world.other")
    assert "; it hangs on world.other; it fails at the low end of acts.talk.rate" in told
    told = line(UNDECIDED, part(1.0, ends_unknown=[end(RATE, "high")]), decides=RATE)
    assert "; it has no value at the high end of acts.talk.rate: A" in told


def test_hardly_any_members_are_counted_and_give_no_share_of_the_ranges() -> None:
    told = line(TOO_FEW, part(1.0, members=1))
    assert told == "C1 not decided: too few members (in 100% of 1 member): A sentence."


def test_what_is_not_known_and_what_more_members_could_change_is_said() -> None:
    told = line(UNDECIDED, part(1.0, unknown=0.4, members=38))
    assert "(in 100% of the ranges, unknown in 40%)" in told
    told = line(SUPPORTED, part(1.0), more_members_may_change_it=True)
    assert told.endswith("of the ranges); more members could change this: A sentence.")
