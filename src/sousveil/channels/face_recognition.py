"""Face recognition: views of named channels against a watch-list, and footage in a register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sousveil.arrays import HOURS_PER_DAY, Floats
from sousveil.channels.base import Channel, Site
from sousveil.processes import Effect, Entity, Layer, Process, Search, Trait, Unprompted
from sousveil.quantity import quantities, quantity, setting, share
from sousveil.recognition import false_alert_rate


@dataclass(frozen=True, kw_only=True)
class FaceRecognitionParameters:
    """An error model: nothing here reads a picture."""

    rule: str = setting(
        "How FPIR follows from the size of a list.",
        choices=("independent", "measured", "normalised"),
    )
    watchlist: float = quantity(
        "person", "People on the list that is searched live.", absent=0.0, role="state_lever"
    )
    listed_present: float = share(
        "Share of them who live among the people of the model.", absent=1.0, role="nature"
    )
    listed_factor: Mapping[str, float] = quantities(
        "1",
        "Relative share listed in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="state_lever",
    )
    live_share: float = share(
        "Share of the cameras of `probes` that run a live search.", absent=0.0, role="state_lever"
    )
    probe_quality: float = share(
        "Chance that a view of `level` gives a usable probe.", absent=1.0, role="nature"
    )
    miss_rate: float = share(
        "Chance that a listed person's probe returns no hit (FNIR).", absent=0.0, role="nature"
    )
    false_match_rate: float = share(
        "Chance that two people's pictures match (FMR), for the rule `independent`.",
        absent=0.0,
        role="nature",
    )
    false_alert_rate: float = share(
        "Chance that a probe of somebody not listed gives an alert (FPIR), whatever the size of "
        "the list, for the rule `normalised`.",
        absent=0.0,
        role="nature",
    )
    measured: Mapping[str, float] = quantities(
        "1",
        "FPIR by size of list (keys are sizes), for the rule `measured`; between and beyond "
        "the sizes it is read on logarithmic scales.",
        by="free",
        high=1,
        absent=0.0,
        role="nature",
    )
    false_match_factor: Mapping[str, float] = quantities(
        "1",
        "Relative chance of a false match in a category, keyed margin.category.",
        by="category",
        absent=1.0,
        role="nature",
    )
    rate_of: str = setting(
        "Whose rate of false matches is given: that of a category of factor 1 (reference), or the "
        "mean over everybody, which the factors then leave as it is.",
        default="reference",
        choices=("reference", "everybody"),
    )
    same_category_factor: Mapping[str, float] = quantities(
        "1",
        "How much likelier a false match is inside a category of a margin (sex) than across.",
        by="free",
        absent=1.0,
        role="nature",
    )
    proneness_spread: float = quantity(
        "1",
        "Standard deviation of the logarithm by which people differ in being mistaken.",
        absent=0.0,
        role="nature",
    )
    enrolled_share: float = share(
        "Share of adults whose picture is in the register.", absent=0.0, role="state_lever"
    )
    register_searches_per_day: float = quantity(
        "1/day", "Searches of footage in the register.", absent=0.0, role="state_lever"
    )
    register_acted_share: float = share(
        "Chance that a wrong return of the register becomes a flag.", absent=1.0, role="behaviour"
    )
    probes: Any = setting("List of the channels whose views are probes.", default=())
    level: str = setting("Level of a view that can be a probe.", default="identify")
    live_flags: bool = setting("Whether a live alert is a flag.", default=True)
    legitimate_aim: str = setting(
        "Why being found by this list violates no right, such as warrants of courts; without it "
        "a right alert counts as a harm, as a wrong one does.",
        default="",
    )


REGISTER_ALLEGATION = "identity"
LISTED_ALLEGATION, AIMED_ALLEGATION = "listed", "wanted"


def lower(parameters: FaceRecognitionParameters, site: Site) -> tuple[Process, ...]:
    """Live searches, one for each channel of `probes`, and wrong returns of the register.

    The parent of a live search is the name of a channel: the procedure gives it to every encounter
    of that channel.
    """
    listed = Trait("face_recognition.listed", Entity.PERSON, listed_share(parameters, site))
    spread = parameters.proneness_spread
    prone = Effect("face_recognition.prone", Entity.PERSON, "rate", spread)
    searches = tuple(
        Search(
            name=f"face_recognition.{channel}",
            channel="face_recognition",
            parent=channel,
            level=parameters.level,
            probe_share=parameters.live_share * parameters.probe_quality,
            listed=listed,
            hit=1.0 - parameters.miss_rate,
            wrong=false_alert(parameters, parameters.watchlist),
            proneness=prone if spread > 0.0 else None,
            flags=bool(parameters.live_flags),
            factor=group_factor(parameters, site),
            allegation=AIMED_ALLEGATION if parameters.legitimate_aim else LISTED_ALLEGATION,
        )
        for channel in parameters.probes
    )
    return (*searches, _register(parameters, site))


def listed_share(parameters: FaceRecognitionParameters, site: Site) -> Floats:
    """(A, G) share of adults on the watch-list, cut at 1."""
    factor = site.by_category(parameters.listed_factor)
    relative = site.adults_only(np.ones(site.shape[0])) * factor[None, :]
    total = float((relative * site.persons()).sum())
    present = parameters.watchlist * parameters.listed_present
    return np.minimum(relative * (present / total if total > 0.0 else 0.0), 1.0)


def group_factor(parameters: FaceRecognitionParameters, site: Site) -> Floats:
    """(G,) relative chance of a false match; its mean over all people is 1 for `everybody`."""
    factor = site.by_category(parameters.false_match_factor)
    if parameters.rate_of == "reference":
        return factor
    people = site.persons().sum(axis=0)
    mean = float(factor @ people / people.sum())
    return factor / mean if mean > 0.0 else factor


def false_alert(parameters: FaceRecognitionParameters, size: float) -> float:
    """FPIR: chance that a search in a list of `size` returns somebody who is not in the picture.

    independent: 1 - (1 - FMR)^size. measured: read between and beyond measured sizes on logarithmic
    scales (one size alone holds for all). normalised: the vendor keeps it the same for any size.
    """
    return false_alert_rate(
        parameters.rule,
        size,
        false_match_rate=parameters.false_match_rate,
        measured={float(key): rate for key, rate in parameters.measured.items()},
        normalised=parameters.false_alert_rate,
    )


def register_rates(parameters: FaceRecognitionParameters, site: Site) -> Floats:
    """(G,) wrong flags an hour that an adult of a group receives from searches of the register.

    sum over groups p in the picture of S_p acted FPIR_p w[p, e] / n_e, w in proportion to n_e x
    phi[p, e]. Over all adults it equals the searches times FPIR times the share acted upon.
    """
    adults = (site.persons() * site.adults_only(np.ones(site.shape[0]))).sum(axis=0)
    enrolled = adults * parameters.enrolled_share
    if enrolled.sum() <= 0.0:
        return np.zeros_like(adults)
    factor = group_factor(parameters, site)
    rate = np.minimum(false_alert(parameters, float(enrolled.sum())) * factor, 1.0)
    searches = parameters.register_searches_per_day / HOURS_PER_DAY * adults / adults.sum()
    weight = enrolled[None, :] * likeness(parameters, site) * factor[None, :]
    weight /= weight.sum(axis=1, keepdims=True)
    received = (searches * rate * parameters.register_acted_share) @ weight
    return np.divide(received, adults, out=np.zeros_like(adults), where=adults > 0.0)


def likeness(parameters: FaceRecognitionParameters, site: Site) -> Floats:
    """(G, G) how much likelier two groups are mistaken for one another than strangers are."""
    result = np.ones((site.shape[1], site.shape[1]))
    for margin, factor in parameters.same_category_factor.items():
        carried = [dict(group.categories).get(margin, "") for group in site.world.groups]
        same = np.array([[one == other for other in carried] for one in carried])
        result *= np.where(same, factor, 1.0)
    return result


def _register(parameters: FaceRecognitionParameters, site: Site) -> Unprompted:
    rates = register_rates(parameters, site)
    return Unprompted(
        name="face_recognition.register",
        channel="face_recognition",
        allegation=REGISTER_ALLEGATION,
        rate=site.adults_only(np.ones(site.shape[0])) * rates[None, :],
        bribed=site.full(0.0),
    )


CHANNEL = Channel(
    name="face_recognition",
    title="Face recognition",
    layer=Layer.MACHINES,
    parameters=FaceRecognitionParameters,
    lower=lower,
    limits=(
        "No error rate of a system of the modelled state is published: rates come from "
        "tests elsewhere.",
        "A live alert falls on the passer-by; a search of the register wrongs the "
        "enrolled person named.",
        "Searches of footage do not depend on how many cameras there are; take them out "
        "with the cameras.",
        "Whether a person is listed is drawn by chance within a group, not by conduct.",
    ),
)
