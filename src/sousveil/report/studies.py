"""What the studies of a run found, as the sections read it; empty where a study was not run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Studies:
    """Rows of what studies left beside a run.

    attribution: channel, its Shapley value of the harm, unit. arrivals: as in arrivals.json.
    unknowns: as in unknowns.json, what would narrow harm most first. indices, boxes: rows of
    sensitivity.csv and of discovery.csv; searched: whether discovery was run; unsearched: of each
    claim without a box why, and how many members were left out. unresearched:
    notes of the study of sensitivity, as in unknowns.json.
    """

    attribution: tuple[tuple[str, float, str], ...] = ()
    arrivals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    unknowns: Sequence[Mapping[str, Any]] = ()
    indices: Sequence[Mapping[str, Any]] = ()
    boxes: Sequence[Mapping[str, Any]] = ()
    searched: bool = False
    unsearched: Sequence[str] = ()
    unresearched: Sequence[Mapping[str, str]] = ()


def studies_of(result: Any) -> Studies:
    """Read what there is; an older result, or a part of one, lacks some."""
    discovery = getattr(result, "discovery", None)
    return Studies(
        attribution=tuple(
            (str(row["channel"]), float(row["value"]), str(row["unit"]))
            for row in _rows(getattr(result, "attribution", None))
            if row["value"] is not None
        ),
        arrivals=dict(getattr(result, "arrivals", None) or {}),
        unknowns=tuple(getattr(result, "unknowns", None) or ()),
        indices=tuple(_rows(getattr(result, "sensitivity", None))),
        boxes=tuple(_rows(discovery)),
        searched=discovery is not None,
        unsearched=tuple(getattr(result, "unsearched", None) or ()),
        unresearched=tuple(getattr(result, "unresearched", None) or ()),
    )


def _rows(frame: Any) -> Iterable[Mapping[str, Any]]:
    """Rows of a frame, or of a list that stands for one."""
    if frame is None:
        return ()
    return frame.iter_rows(named=True) if hasattr(frame, "iter_rows") else frame
