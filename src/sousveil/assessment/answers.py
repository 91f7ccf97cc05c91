"""What the controller writes: a file beside the assessment, each field by its identifier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sousveil.assessment.dpia import DPIA
from sousveil.assessment.fria import FRIA
from sousveil.assessment.questions import Kind, Question
from sousveil.assessment.text import clean
from sousveil.ensemble.study import Refused
from sousveil.errors import close_to, listed, shown
from sousveil.scenario.findings import Findings
from sousveil.scenario.tree import Entry, read_yaml

MOST_BYTES = 2_000_000
_HEAD = """\
# What only the controller can say. Write after the colon, or after `|` on indented lines:
#
#   necessity: |
#     The purpose cannot be reached with less, because ...
#
# Run `sousveil assess` again: each answer is set into the documents as it stands here.
# A field without an answer stays open. This file is never overwritten.
"""


def template(kind: Kind) -> str:
    """An empty file of answers with what each field asks."""
    return "\n".join([_HEAD, *(_entry(item) for item in kind.questions if not item.model)])


def _entry(item: Question) -> str:
    return f"# {item.title} ({item.law})\n# {item.asks}\n{item.id}:\n"


def read_answers(path: Path) -> Mapping[str, str]:
    """The answers of a file by field; those that are empty are left out.

    Raises Problems, all at once, where the file cannot be read; Refused for one that is too large.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Refused(f"{path} is larger than {MOST_BYTES:,} bytes: answers are text")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path} is not text in UTF-8: save it as UTF-8") from None
    findings = Findings()
    node = read_yaml(text, str(path), findings)
    found: dict[str, str] = {}
    if node is not None and node.kind == "map":
        for name, entry in node.entries.items():
            words = _answer(name, entry, findings)
            if words:
                found[name] = words
    elif node is not None and not node.is_empty:
        findings.add("bad-value", node.location, "", node.describe(), "a field and its answer")
    findings.finish()
    return found


def _answer(name: str, entry: Entry, findings: Findings) -> str:
    known = {item.id for kind in (DPIA, FRIA) for item in kind.questions}
    if name not in known:
        hint = close_to(name, known)
        expected = f"one of {listed(sorted(known), 40)}"
        findings.add("unknown-key", entry.location, shown(name), "", expected, "", hint)
        return ""
    node = entry.node
    if node.kind != "scalar":
        findings.add("bad-value", node.location, name, node.describe(), "text")
        return ""
    return clean(node.text).strip() if not node.is_empty else ""
