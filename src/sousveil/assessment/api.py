"""From a folder to files: read the run and the answers, make every file, write them together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sousveil.assessment import html, pia, word
from sousveil.assessment.answers import read_answers, template
from sousveil.assessment.assess import KINDS, Assessment
from sousveil.assessment.assess import assess as make
from sousveil.assessment.run_folder import open_run
from sousveil.assessment.write import write_all
from sousveil.ensemble.study import Refused
from sousveil.report.sections.front import NEVER

NAME: Final = "assessment"
ANSWERS: Final = f"{NAME}.answers.yaml"
WRITERS: Final[Mapping[str, tuple[str, Callable[[Assessment], bytes]]]] = MappingProxyType(
    {
        "html": (f"{NAME}.html", lambda found: html.render(found).encode()),
        "docx": (f"{NAME}.docx", word.document),
        "pia": (f"{NAME}.pia.json", lambda found: _json(pia.export(found))),
    }
)
FORMATS: Final = tuple(WRITERS)


@dataclass(frozen=True)
class Written:
    """What was written. told: what a reader at a terminal is told."""

    assessment: Assessment
    paths: tuple[Path, ...]
    told: tuple[str, ...]


def written(folder: Path, kind: str, to: Path | None, formats: tuple[str, ...]) -> Written:
    """Write the assessment of a finished run.

    kind: dpia or fria. to: where the files go, the folder of the run if None. Raises Refused,
    Problems or RunFailure, all with nothing written.
    """
    if kind not in KINDS:
        raise Refused(f"--for {kind}: expected one of {', '.join(KINDS)}")
    wrong = [name for name in formats if name not in WRITERS]
    if wrong:
        raise Refused(f"--format {wrong[0]}: expected one of {', '.join(WRITERS)}")
    run = open_run(folder)
    target = folder if to is None else to
    kept = target / ANSWERS
    if kept.exists() and not kept.is_file():
        raise Refused(f"{kept} is no file: move it away, or give another --to")
    answers = read_answers(kept) if kept.exists() else {}
    found = make(run, KINDS[kind], answers)
    if "docx" in formats:
        word.refuse_changed(target / WRITERS["docx"][0])
    contents = {name: do(found) for name, do in (WRITERS[each] for each in formats)}
    if not kept.exists():
        contents[ANSWERS] = template(KINDS[kind]).encode()
    paths = write_all(target, contents)
    return Written(found, tuple(paths), _told(found, paths, kept))


def _told(found: Assessment, paths: list[Path], kept: Path) -> tuple[str, ...]:
    lines = [f"{found.kind.title}: {found.title}", NEVER, ""]
    lines += [f"wrote   {path}" for path in paths if path != kept]
    assumed = sum(count for kind, count, _ in found.counts if kind not in _EVIDENCE)
    lines.append(f"rests on {assumed} assumed numbers of {sum(n for _, n, _ in found.counts)}")
    if found.open:
        names = ", ".join(field.question.id for field in found.fields if field.open)
        lines.append(f"open    {found.open} of {len(found.fields)} fields: {names}")
        lines.append(f"next    answer them in {kept}, then the same command again")
    return tuple(lines)


_EVIDENCE = ("documented", "derived", "inferred")


def _json(document: object) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()
