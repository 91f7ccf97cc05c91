"""The `expected` engine: closed-form means and variances of every tally, without chance.

Everything is conditional on the drawn forcing path of the world (power, daylight, calendar);
effects are summed over their sixteen classes, marks over all combinations, power hour by hour.
Labels:

- `exact`: given the path. All counts that are linear in independent events: encounters, probes,
  alerts, acts and their patterns, flags and cases without a rule over channels, roll calls and
  their causes, visits.
- `mean_field`: persons (named, wronged, viewed), coincident flags, and what a rule over several
  channels lets through.
- `unavailable`: not worked out, because the caller did without (nan).

Besides the keys of the model it gives, by process or act:

- `<encounter>/in_view_hours`: hours in view at the widest level, from `seconds_in_view`.
- `<search>/listed`: persons on the list.
- `<act>/base`: acts wanted and possible before chilling; `<act>/noticed:people|machines|mixed`:
  acts noticed by at least one channel of that layer; `<act>/reach`: acts within reach of at least
  one human reporter.
- `/viewed_person_days`, `/viewed_person_days:identify`: person-days with at least one view at the
  widest level and at "identify".
- `line:<line>/hours`: hours of the year with supply, mean over an area's persons (the same in every
  group; not to be summed).
"""

from __future__ import annotations

import numpy as np

from sousveil.arrays import MONTHS, Floats
from sousveil.engine.expected_acts import enter_act, enter_visits, noticed
from sousveil.engine.expected_encounters import Wrong, enter_encounter, enter_search
from sousveil.engine.expected_flags import Raised, enter_flags, unprompted
from sousveil.engine.expected_ledger import Ledger
from sousveil.engine.expected_persons import enter_persons_wronged
from sousveil.engine.expected_prepare import Prepared, prepare
from sousveil.engine.expected_rollcalls import Calls, enter_roll_call, solve
from sousveil.engine.expected_scene import Scene
from sousveil.engine.expected_spread import expected_spread
from sousveil.engine.expected_views import enter_views
from sousveil.engine.model import Expected, Model
from sousveil.processes import Act, Encounter, RollCall, Search, Unprompted, Visits
from sousveil.tallies import Key

__all__ = ["Prepared", "expect", "noticed_by_subset", "prepare"]


def expect(
    model: Model, prepared: Prepared | None = None, persons: bool = True, variances: bool = True
) -> dict[Key, Expected]:
    """Mean, variance and label of every tally of a model, and of the keys listed above.

    prepared: `prepare(model.world)`, to be shared by all models of one world. persons: whether to
    work out what counts persons once (wronged, viewed). variances: else they are nan.
    """
    scene = _scene(model, prepared, variances)
    encounters = {p.name: p for p in model.of(Encounter)}
    flags: list[Raised] = []
    wrongs: list[Wrong] = []
    calls: list[tuple[Calls, dict[str, Floats]]] = []
    scene.ledger.fixed(Key("", "persons"), scene.persons, 0.0)
    _enter_lines(scene)
    for process in model.processes:
        if isinstance(process, Encounter):
            enter_encounter(scene, process)
        elif isinstance(process, Search):
            raised, wrong = enter_search(scene, process, encounters)
            wrongs.append(wrong)
            flags += [] if raised is None else [raised]
        elif isinstance(process, RollCall):
            solved = solve(scene, process)
            excess = expected_spread(scene, solved) if variances else {}
            calls.append((solved, excess))
            flags.append(enter_roll_call(scene, solved, excess))
        elif isinstance(process, Act):
            flags += enter_act(scene, process)
        elif isinstance(process, Visits):
            enter_visits(scene, process)
        elif isinstance(process, Unprompted):
            flags.append(unprompted(scene, process))
    stays = enter_flags(scene, flags)
    if persons:
        enter_views(scene, list(encounters.values()))
        enter_persons_wronged(scene, stays, wrongs, calls, {item.name: item for item in flags})
    for key in () if persons else tuple(model.keys()):
        if key.outcome == "persons_wronged":
            scene.ledger.missing(key)
    return scene.ledger.close()


def noticed_by_subset(
    model: Model, act: str, prepared: Prepared | None = None
) -> dict[frozenset[str], float]:
    """Chance that an act anywhere in the country is noticed by at least one channel of a set.

    For every subset of the channels that watch the act; acts count as before chilling, so that the
    weights of areas and hours are those of the wanted acts. It is what Shapley shares start from.
    """
    scene = _scene(model, prepared, variances=False)
    everywhere = np.ones((scene.areas, MONTHS))
    result = noticed(scene, scene.acts[act], everywhere)
    total = float(result.all_of[0].sum())
    exact = result.exact.sum(axis=(1, 2)) / total if total > 0.0 else np.zeros(len(result.exact))
    patterns = result.patterns()
    shares: dict[frozenset[str], float] = {}
    for bits in range(2 ** len(result.channels)):
        chosen = frozenset(c for i, c in enumerate(result.channels) if bits >> i & 1)
        shares[chosen] = float(exact[patterns & bits > 0].sum())
    return shares


def _scene(model: Model, prepared: Prepared | None, variances: bool) -> Scene:
    """The model in its prepared world."""
    ready = prepare(model.world) if prepared is None else prepared
    if ready.world is not model.world:
        raise ValueError("prepared: found that of another world, expected prepare(model.world)")
    return Scene(
        model=model,
        prepared=ready,
        ledger=Ledger(model.world.people, ready.persons, variances),
        acts={act.name: act for act in model.of(Act)},
        visits={visits.name: visits for visits in model.of(Visits)},
    )


def _enter_lines(scene: Scene) -> None:
    """Enter the hours of supply of every line."""
    for index, line in enumerate(scene.prepared.world.power.lines):
        hours = scene.prepared.hours[1 << index].sum(axis=(1, 2))
        mean = np.repeat(hours[:, None], scene.persons.shape[1], axis=1)
        scene.ledger.fixed(Key(f"line:{line}", "hours"), mean, 0.0)
