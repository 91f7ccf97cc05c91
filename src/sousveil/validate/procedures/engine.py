"""Back-tests that run a channel through the engine in the smallest world there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sousveil.quantity import quantity, setting, share
from sousveil.validate.model import Output, Place, Procedure, Refused, number

BENCH_PERSONS = 3_000


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """People who pass a search, and the rate at which it errs."""

    passers_per_day: float = quantity("person/day", "People who pass in a day.", role="nature")
    false_alert_rate: float = share("FPIR of the list in use.", role="nature")


def crowd(parameters: Crowd, _: Place) -> Mapping[str, Output]:
    """Wrong flags a day: counted passers and the channel `face_recognition` through `expected`."""
    import numpy as np

    from sousveil.arrays import DAYS_PER_YEAR, HOURS_PER_DAY, SLOTS
    from sousveil.channels.face_recognition import FaceRecognitionParameters, lower
    from sousveil.engine.expected import expect
    from sousveil.engine.model import Model
    from sousveil.processes import Encounter, Layer, Level, Search
    from sousveil.tallies import Key
    from sousveil.validate.bench import plain_site

    site = plain_site(BENCH_PERSONS)
    each_hour = parameters.passers_per_day / (BENCH_PERSONS * HOURS_PER_DAY)
    passage = Encounter(
        name="passage",
        channel="passage",
        rate=site.full(each_hour),
        profile=np.ones((1, SLOTS)),
        levels=(Level("identify", 1.0, 1.0),),
    )
    search = FaceRecognitionParameters(
        rule="normalised",
        watchlist=1.0,
        listed_present=0.0,
        live_share=1.0,
        false_alert_rate=parameters.false_alert_rate,
        probes=("passage",),
    )
    live = tuple(item for item in lower(search, site) if isinstance(item, Search))
    layers = {"passage": Layer.MACHINES, "face_recognition": Layer.MACHINES}
    model = Model(site.world, (passage, *live), {}, layers)
    found = expect(model, persons=False, variances=False)
    wrong = float(np.sum(found[Key(live[0].name, "wrong")].values))
    return {"wrong_flags_per_day": number(wrong / DAYS_PER_YEAR)}


@dataclass(frozen=True, kw_only=True)
class ReturnPath:
    """Set-top boxes whose return path tells whether they are on."""

    viewing_share: float = share("Share of boxes at which somebody watches.", role="behaviour")
    left_on_share: float = share(
        "Share of the boxes nobody watches at that are left on.", role="behaviour"
    )
    counted_by: str = setting(
        "Whom the result is asked for.", default="household", choices=("household", "person")
    )


def return_path(parameters: ReturnPath, _: Place) -> Mapping[str, Output]:
    """Share of boxes that look watched, by the channel `iptv` through `expected`."""
    import numpy as np

    from sousveil.channels.iptv import IptvParameters, lower
    from sousveil.engine.expected import expect
    from sousveil.engine.model import Model
    from sousveil.processes import Layer
    from sousveil.tallies import Key
    from sousveil.validate.bench import plain_site

    if parameters.counted_by == "person":
        words = "a box belongs to a household: who of it watched cannot be told"
        return {"looks_watched": Refused(words)}
    site = plain_site(BENCH_PERSONS)
    rule = {"days": "daily", "airings": (20,), "window": 7, "absences": 7}
    box = IptvParameters(
        share_of_households={"other": 1.0},
        watch_share=parameters.viewing_share,
        watch_concentration=10.0,
        left_on_share=parameters.left_on_share,
        link_up_share=1.0,
        roll_calls={"evening": rule},
    )
    (call,) = lower(box, site)
    found = expect(
        Model(site.world, (call,), {}, {"iptv": Layer.MACHINES}), persons=False, variances=False
    )
    recorded, events = (
        float(np.sum(found[Key(call.name, what)].values))
        for what in ("recorded", "household_events")
    )
    return {"looks_watched": number(recorded / events)}


PROCEDURES = (
    Procedure(
        "crowd",
        "Wrong flags of a crowd that passes a face search",
        Crowd,
        crowd,
        {"wrong_flags_per_day": "passers wrongly flagged in a day"},
    ),
    Procedure(
        "return_path_identity",
        "Boxes that look watched because they were left on",
        ReturnPath,
        return_path,
        {"looks_watched": "share of boxes recorded as watched"},
    ),
)
