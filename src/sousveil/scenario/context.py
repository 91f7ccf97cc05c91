"""What every reader of a scenario needs: the findings, known sources, names of its places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sousveil.errors import close_to, listed, printable, shown
from sousveil.quantity import Location, Source
from sousveil.scenario.findings import Findings
from sousveil.scenario.model import SourceRecord
from sousveil.scenario.tree import Entry, Node
from sousveil.sources import GRADE, KEY, split_citation


@dataclass(frozen=True)
class Names:
    """Names that the tables and sections of a scenario define, by what they name.

    by: vocabulary -> its words, for the keys of mappings; a vocabulary that is not here is free.
    """

    by: Mapping[str, tuple[str, ...]]
    acts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """Handed from reader to reader; only `findings` grows.

    sources: None where sources.json cannot be read: then nothing is said about citations.
    """

    findings: Findings
    sources: Mapping[str, SourceRecord] | None
    year: int
    names: Names

    def unknown_keys(
        self, node: Node, path: str, allowed: Iterable[str], kind: str = "key"
    ) -> None:
        """Note every key of a mapping that is not allowed there."""
        words = tuple(allowed)
        for key, entry in node.entries.items():
            if key not in words and " " in key and entry.node.is_empty:
                here, found = f"{path}.{shown(key, 40)}", f"the words {shown(key)} as a key"
                mend = "put text with a comma inside { } in quotation marks"
                self.findings.add("unknown-key", entry.location, here, found, "", mend)
            elif key not in words:
                self.unknown_key(key, entry.location, path, words, kind)

    def unknown_key(
        self, key: str, place: Location, path: str, words: Iterable[str], kind: str = "key"
    ) -> None:
        """Note a key that is not declared; one that looks like a position has its own code."""
        from sousveil.scenario.positions import is_position

        words = tuple(words)
        here = f"{path}.{shown(key, 40)}" if path else shown(key, 40)
        if is_position(key):
            self.findings.position(place, here, f"the {kind} {shown(key)}")
            return
        mend = f"delete it, or spell it as one of {listed(words)}" if words else "delete it"
        self.findings.add(
            "unknown-key", place, here, f"{kind} {shown(key)}", "", mend, close_to(key, words)
        )

    def unknown_name(
        self, name: str, place: Location, path: str, what: str, words: Iterable[str]
    ) -> None:
        """Note a name that refers to nothing."""
        words = tuple(words)
        expected = f"one of {listed(words)}" if words else f"a {what} that exists"
        found = f"{what} {shown(name)}"
        self.findings.add("unknown-name", place, path, found, expected, "", close_to(name, words))

    def mapping(self, node: Node, path: str, what: str) -> bool:
        """Whether a node is a mapping; if not, that is noted (an empty one counts as a mapping)."""
        if node.kind not in {"map", "bad"} and not node.is_empty:
            self.findings.add(
                "bad-value", node.location, path, node.describe(), f"a mapping: {what}"
            )
        return node.kind == "map"

    def text(self, node: Node, key: str, path: str, *, required: bool = False) -> str:
        """Return the text at a key of a mapping; numbers and truths as they are written."""
        entry = node.entries.get(key)
        if entry is None or entry.node.is_empty:
            if required:
                place = entry.location if entry else node.location
                self.findings.add("missing", place, path, f"no {key}", f"{key}: some words")
            return ""
        if entry.node.kind != "scalar":
            if entry.node.kind != "bad":
                found = entry.node.describe()
                self.findings.add("bad-value", entry.node.location, f"{path}.{key}", found, "text")
            return ""
        return printable(" ".join(entry.node.text.split()))

    def word(self, node: Node, key: str, path: str, allowed: Iterable[str]) -> str:
        """Return the word at a key, "" when it is left out; a word that is not allowed is noted."""
        value, words = self.text(node, key, path), tuple(allowed)
        if value and value not in words:
            place = node.entries[key].node.location
            expected = f"one of {listed(words)}"
            self.findings.add(
                "bad-word",
                place,
                f"{path}.{key}",
                shown(value),
                expected,
                "",
                close_to(value, words),
            )
            return ""
        return value

    def truth(self, node: Node, key: str, path: str) -> bool:
        """Return the truth at a key, False when it is left out."""
        entry = node.entries.get(key)
        if entry is None or entry.node.kind == "bad":
            return False
        if not isinstance(entry.node.value, bool):
            found = entry.node.describe()
            place = entry.node.location
            self.findings.add("bad-value", place, f"{path}.{key}", found, "true or false")
            return False
        return entry.node.value

    def whole(self, entry: Entry, path: str) -> int | None:
        """Return a whole number."""
        value = entry.node.value
        if isinstance(value, bool) or not isinstance(value, int):
            if entry.node.kind != "bad":
                found = entry.node.describe()
                self.findings.add("bad-value", entry.node.location, path, found, "a whole number")
            return None
        return value

    def words(self, node: Node, key: str, path: str) -> tuple[tuple[str, Location], ...]:
        """Return the list of words at a key with their places; a single word is a list of one."""
        entry = node.entries.get(key)
        if entry is None or entry.node.is_empty or entry.node.kind == "bad":
            return ()
        items = entry.node.items if entry.node.kind == "list" else (entry.node,)
        found: list[tuple[str, Location]] = []
        for item in items:
            if item.kind == "scalar" and not item.is_empty:
                found.append((" ".join(item.text.split()), item.location))
            elif item.kind != "bad":
                self.findings.add(
                    "bad-value", item.location, f"{path}.{key}", item.describe(), "a list of words"
                )
        return tuple(found)

    def citations(self, node: Node, path: str, key: str = "sources") -> tuple[Source, ...]:
        """Return the sources that a mapping cites; one that is not in sources.json is noted."""
        return tuple(
            source
            for text, place in self.words(node, key, path)
            if (source := self.citation(text, place, f"{path}.{key}")) is not None
        )

    def citation(self, text: str, place: Location, path: str) -> Source | None:
        """Return one citation such as 'S056 p. 2', or None when its key is unknown."""
        key, locator = split_citation(text)
        if self.sources is None or key in self.sources:
            return Source(key, locator)
        if not KEY.fullmatch(key):
            expected = "a key of sources.json, then a place in it: S056 p. 2"
            self.findings.add("bad-value", place, path, shown(text), expected)
        else:
            expected, mend = "a key of sources.json", "add the record, or mend the key"
            hint = close_to(key, self.sources)
            self.findings.add(
                "unknown-name", place, path, f"source {shown(key)}", expected, mend, hint
            )
        return None

    def grade(self, node: Node, path: str) -> str:
        """Return the grade of a mapping, "" when there is none or it is malformed."""
        value = self.text(node, "grade", path)
        if value and not GRADE.fullmatch(value):
            place = node.entries["grade"].node.location
            expected = "a letter A-F and a digit 1-6, such as B2"
            self.findings.add("grade", place, f"{path}.grade", shown(value), expected)
            return ""
        return value
