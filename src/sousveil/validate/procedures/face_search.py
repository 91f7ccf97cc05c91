"""Back-tests of face search: how errors grow with lists, what became of alerts, who bears them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sousveil.quantity import quantities, quantity, setting, share
from sousveil.recognition import (
    Funnel,
    OperatingPoint,
    false_alert_rate,
    gini,
    grown,
    growth_exponent,
    highest_over_typical,
)
from sousveil.statistics import Share
from sousveil.validate.model import EXACT, Number, Output, Place, Procedure, number


@dataclass(frozen=True, kw_only=True)
class IndependentRule:
    """One rate of false matches, several lengths of list."""

    false_match_rate: float = share("Chance that two people's pictures match.", role="nature")
    lists: Mapping[str, float] = quantities(
        "person", "Names on each list.", by="free", role="state_lever"
    )


def independent(parameters: IndependentRule, _: Place) -> Mapping[str, Output]:
    """FPIR of each list."""
    rate = parameters.false_match_rate
    return {
        f"false_alert.{key}": number(false_alert_rate("independent", size, false_match_rate=rate))
        for key, size in parameters.lists.items()
    }


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """An operating point that was measured, and a list of another size."""

    size: float = quantity("person", "Names on the list measured.", low=1, role="state_lever")
    false_alert_rate: float = share("FPIR measured there.", role="nature")
    hit_rate: float = share("TPIR measured there.", role="nature")
    new_size: float = quantity("person", "Names on the other list.", low=1, role="state_lever")


def scaling(parameters: Scaling, _: Place) -> Mapping[str, Output]:
    """The same threshold with the other list."""
    point = OperatingPoint(parameters.size, parameters.false_alert_rate, parameters.hit_rate)
    other = point.at(parameters.new_size)
    return {
        "false_match_rate": number(point.false_match_rate),
        "false_alert_rate": number(other.false_alert_rate),
        "hit_rate": number(other.hit_rate),
    }


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """What became of the alerts of one trial."""

    alerts: float = quantity("1", "Alerts.", role="nature")
    rejected: float = quantity("1", "Of them, rejected by a reviewer.", absent=0.0, role="nature")
    lost: float = quantity("1", "Of them, people lost in the crowd.", absent=0.0, role="nature")
    right: float = quantity("1", "People checked who were the listed one.", role="nature")


def funnel(parameters: Alerts, _: Place) -> Mapping[str, Output]:
    """Right and wrong, as shares of alerts and of checks, with exact intervals."""
    counts = (parameters.alerts, parameters.rejected, parameters.lost, parameters.right)
    found = Funnel(*(round(count) for count in counts))
    return {
        "checked": number(found.checked),
        "right": number(found.right),
        "wrong": number(found.wrong),
        "right_of_alerts": _share(found.right, found.alerts),
        "right_of_checked": _share(found.right, found.checked),
        "wrong_of_checked": _share(found.wrong, found.checked),
        "wrong_of_alerts": _share(found.wrong, found.alerts),
    }


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of few."""

    part: float = quantity("1", "How many of them.", role="nature")
    whole: float = quantity("1", "How many there are.", low=1, role="nature")
    known_as: str = setting(
        "Whether the part is counted or only bounded from above.",
        default="count",
        choices=("count", "upper bound"),
    )


def tiny_share(parameters: Part, _: Place) -> Mapping[str, Output]:
    """The share with its exact interval; in words it is never a bare percentage."""
    bound = parameters.known_as == "upper bound"
    return {"share": _share(parameters.part, parameters.whole, bound=bound)}


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Searches on request: what came of them, and for whom they were asked."""

    requests: float = quantity("1", "Searches asked for.", role="nature")
    dropped: Mapping[str, float] = quantities(
        "1", "Requests that were never run, by reason.", by="free", absent=0.0, role="nature"
    )
    matches: float = quantity("1", "Searches that returned somebody.", role="nature")
    wrong: Mapping[str, float] = quantities(
        "1", "Matches known to be of no use, by reason.", by="free", absent=0.0, role="nature"
    )
    arrests: float = quantity("1", "Arrests that followed.", role="nature")
    asked_for: Mapping[str, float] = quantities(
        "1", "Requests by group of the person searched for.", by="free", absent=0.0, role="nature"
    )


def requests(parameters: Requests, _: Place) -> Mapping[str, Output]:
    """Searches run, and the share of them that can have been useful at most."""
    run = parameters.requests - sum(parameters.dropped.values())
    useful = parameters.matches - sum(parameters.wrong.values())
    asked = sum(parameters.asked_for.values())
    if not 0 <= useful <= run or parameters.matches > run or asked > parameters.requests:
        raise ValueError(
            f"{parameters.requests:g} requests cannot hold {parameters.matches:g} matches of which "
            f"{useful:g} are useful, and {asked:g} people searched for"
        )
    if parameters.arrests > useful:
        raise ValueError(f"{parameters.arrests:g} arrests out of {useful:g} useful matches")
    found: dict[str, Output] = {
        "run": number(run),
        "arrests": number(parameters.arrests),
        "useful_at_most": number(useful),
        "useful_share": _share(useful, run, bound=True),
    }
    for group, count in parameters.asked_for.items():
        found[f"asked_for.{group}"] = _share(count, parameters.requests)
    return found


@dataclass(frozen=True, kw_only=True)
class ByGroup:
    """Error rates of several algorithms by group, keyed algorithm.group."""

    rates: Mapping[str, float] = quantities(
        "1", "Error rate of an algorithm in a group.", by="free", high=1, role="nature"
    )


def inequity(parameters: ByGroup, _: Place) -> Mapping[str, Output]:
    """How unequally each algorithm errs."""
    groups: dict[str, list[float]] = {}
    for key, rate in parameters.rates.items():
        groups.setdefault(key.rpartition(".")[0], []).append(rate)
    found: dict[str, Output] = {}
    for algorithm, rates in groups.items():
        found[f"gini.{algorithm}"] = number(gini(rates))
        found[f"highest_over_typical.{algorithm}"] = number(highest_over_typical(rates))
    return found


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Miss rates of several algorithms of one maker at two sizes of gallery."""

    size: float = quantity("person", "The smaller gallery.", low=1, role="state_lever")
    new_size: float = quantity("person", "The larger gallery.", low=1, role="state_lever")
    rates: Mapping[str, float] = quantities(
        "1", "Miss rate of each algorithm in the smaller gallery.", by="free", role="nature"
    )
    new_rates: Mapping[str, float] = quantities(
        "1", "Miss rate of each algorithm in the larger gallery.", by="free", role="nature"
    )


def growth(parameters: Growth, _: Place) -> Mapping[str, Output]:
    """Each algorithm's rate in the larger gallery, foretold from the growth of the others."""
    sizes = (parameters.size, parameters.new_size)
    exponents = {
        name: growth_exponent(sizes[0], rate, sizes[1], parameters.new_rates[name])
        for name, rate in parameters.rates.items()
    }
    found: dict[str, Output] = {}
    for name, rate in parameters.rates.items():
        others = [exponent for other, exponent in exponents.items() if other != name]
        if not others:
            raise ValueError("one algorithm alone foretells nothing: give two or more")
        found[f"exponent.{name}"] = number(exponents[name])
        found[f"foretold.{name}"] = number(grown(rate, *sizes, _mean(others)))
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _share(part: float, whole: float, *, bound: bool = False) -> Number:
    share_found = Share(part, whole, bound)
    ends = share_found.interval
    return Number((share_found.value,), ends.low, ends.high, EXACT, str(share_found))


PROCEDURES = (
    Procedure(
        "independent_rule",
        "False alerts of lists of several lengths, one independent look each",
        IndependentRule,
        independent,
        {"false_alert.*": "chance of at least one false match"},
    ),
    Procedure(
        "operating_point_scaling",
        "A measured operating point carried to a list of another size",
        Scaling,
        scaling,
        {
            "false_match_rate": "FMR behind the measured point",
            "false_alert_rate": "FPIR with the other list",
            "hit_rate": "TPIR with the other list",
        },
    ),
    Procedure(
        "funnel",
        "What became of the alerts of a trial",
        Alerts,
        funnel,
        {
            "checked": "people stopped and checked",
            "right": "of them, the listed person",
            "wrong": "of them, somebody else",
            "right_of_alerts": "right / alerts",
            "right_of_checked": "right / checked",
            "wrong_of_checked": "wrong / checked",
            "wrong_of_alerts": "wrong / alerts",
        },
    ),
    Procedure("tiny_share", "A share of few", Part, tiny_share, {"share": "the part of the whole"}),
    Procedure(
        "requests",
        "Searches on request and what came of them",
        Requests,
        requests,
        {
            "run": "searches run",
            "arrests": "arrests",
            "useful_at_most": "matches not known to be useless",
            "useful_share": "of the searches run, at most this share was useful",
            "asked_for.*": "share of the requests for a group",
        },
    ),
    Procedure(
        "group_fpir_inequity",
        "How unequally algorithms err between groups",
        ByGroup,
        inequity,
        {
            "gini.*": "Gini coefficient with n / (n - 1)",
            "highest_over_typical.*": "largest rate over the geometric mean (MXOG)",
        },
    ),
    Procedure(
        "gallery_growth",
        "Miss rates carried to a larger gallery, each from the growth of the other algorithms",
        Growth,
        growth,
        {"exponent.*": "growth of an algorithm", "foretold.*": "rate in the larger gallery"},
    ),
)
