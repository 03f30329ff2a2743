"""The records of a case, folded as they are read: hash chains, the state that the log tells, and the evidence it names."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from alerts.proof.container import CASE
from alerts.proof.finding import Bad
from alerts.proof.manifest import Manifest
from alerts.proof.record import FORMAT, LOG_FIELDS, TRANSITION_FIELDS, UNREADABLE, Line
from storage.records.chain import START, link

STATE: Final = ("state", "level", "max_level", "round")
"""What the log alone tells of the incident."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(slots=True)
class _Link:
    """The last row of a chain: its stated hash, and the one its fields have."""

    said: str = START
    true: str = START
    line: Line | None = None
    offset: int = 0
    count: int = 0


class Chains:
    """Takes the records in the order of the file; what does not fit is kept as findings, the first of each chain."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._bad: list[Bad] = []
        self._log = _Link()
        self._alerts: dict[str, _Link] = {}
        self._broken: set[str] = set()
        self._incident: Mapping[str, Any] = {}
        self._rows: dict[str, tuple[Mapping[str, Any], Line, int]] = {}
        self._state: dict[str, Any] = {}
        self._last: dict[str, Mapping[str, Any]] = {}
        self._named: dict[str, tuple[str, int, int]] = {}
        self._listed: set[str] = set()
        self._pinned: dict[tuple[str, int], tuple[str, int, int]] = {}
        self._take: dict[str, Callable[[Line, int], None]] = {
            "format": self._format,
            "incident": self._the_incident,
            "log": self._entry,
            "alerts": self._alert,
            "transitions": self._transition,
            "evidence": self._evidence,
        }

    def take(self, line: Line, offset: int) -> None:
        """One record; `offset` is where its line begins in the zip."""
        self.counts[line.section] = max(self.counts.get(line.section, 0), line.entry)
        take = self._take.get(line.section)
        if take is None:
            return
        try:
            take(line, offset)
        except (KeyError, TypeError, AttributeError, *UNREADABLE) as error:
            what = f"a member is missing or of another kind: {error}"
            self._bad.append(Bad(CASE, what, line.entry or None, line.section, offset))

    def finish(self) -> list[Bad]:
        """What was found, in the order of the file, and what shows only at the end."""
        self._bad += self._cut(self._log, "log", self._incident.get("log_hash"), self._incident.get("log_seq"))
        for alert, (row, line, offset) in self._rows.items():
            last = self._alerts.get(alert, _Link())
            said = _cut_of(last, row.get("log_hash"), row.get("n"))
            if not said and {name: row.get(name) for name in ("level", "condition")} != self._ended(alert):
                said = "its level or condition is not what its last transition says"
            if said and alert not in self._broken:
                self._bad.append(Bad(CASE, f"alert {alert}: {said}", line.entry, "alerts", offset))
        self._bad += self._folded()
        return self._bad

    def against(self, manifest: Manifest, files: frozenset[str]) -> Iterator[Bad]:
        """What the manifest or the files of the case tell otherwise than its records."""
        if self._incident and manifest.heads.incident != self._incident.get("log_hash"):
            yield Bad("manifest.json", "the head of the incident's chain is another", field="heads")
        for alert in sorted({*manifest.heads.alerts, *self._rows}):
            row = self._rows.get(alert, ({}, None, 0))[0]
            if manifest.heads.alerts.get(alert) != row.get("log_hash"):
                yield Bad("manifest.json", f"the head of the chain of alert {alert} is another", field="heads")
        kept = {name.removeprefix("evidence/").split(".")[0] for name in files if name.startswith("evidence/")}
        for sha256, (section, entry, offset) in self._named.items():
            if sha256 not in kept:
                said = "" if sha256 in self._listed else ", nor listed"
                yield Bad(CASE, f"the evidence {sha256} it names is not in the case{said}", entry, section, offset)

    # --- sections

    def _format(self, line: Line, offset: int) -> None:
        if line.value != FORMAT:
            self._bad.append(
                Bad(CASE, f"its format is {line.value!r}; this hub reads {FORMAT!r}", None, "format", offset)
            )

    def _the_incident(self, line: Line, offset: int) -> None:
        self._incident = dict(line.value)

    def _entry(self, line: Line, offset: int) -> None:
        value = line.value
        self._linked(self._log, "log", line, offset, tuple(value[name] for name in LOG_FIELDS))
        before, after = msgspec.json.decode(value["before"]), msgspec.json.decode(value["after"])
        if {name: before.get(name) for name in self._state} != self._state and "log" not in self._broken:
            self._broken.add("log")
            what = "it begins in another state than the entry before it ends in"
            self._bad.append(Bad(CASE, what, line.entry, "log", offset))
        self._state = {name: after[name] for name in STATE if name in after}
        self._names(after, line, offset)
        alert = after.get("alert")
        if isinstance(alert, dict) and "hash" in alert:
            self._pinned[alert["id"], alert["n"]] = (alert["hash"], line.entry, offset)

    def _alert(self, line: Line, offset: int) -> None:
        self._rows[line.value["id"]] = (line.value, line, offset)

    def _transition(self, line: Line, offset: int) -> None:
        value = line.value
        alert = value["alert"]
        chain = self._alerts.setdefault(alert, _Link())
        self._linked(chain, alert, line, offset, tuple(value[name] for name in TRANSITION_FIELDS))
        pinned = self._pinned.get((alert, value["n"]))
        if pinned is not None and pinned[0] != value["hash"] and alert not in self._broken:
            self._broken.add(alert)
            what = f"entry {pinned[1]} of the log knows this transition by another hash"
            self._bad.append(Bad(CASE, what, line.entry, "transitions", offset))
        self._last[alert] = body = msgspec.json.decode(value["body"])
        self._names(body, line, offset)

    def _evidence(self, line: Line, offset: int) -> None:
        self._listed.add(line.value["sha256"])
        self._named.setdefault(line.value["sha256"], ("evidence", line.entry, offset))

    # --- chains

    def _linked(self, chain: _Link, name: str, line: Line, offset: int, fields: tuple[object, ...]) -> None:
        """Add a row to its chain; the first that does not fit is a finding, which says what of it does not."""
        said, prev = line.value["hash"], line.value["prev_hash"]
        last, true = _Link(chain.said, chain.true, chain.line, chain.offset, chain.count), link(prev, fields)
        chain.said, chain.true, chain.line, chain.offset, chain.count = said, true, line, offset, chain.count + 1
        if name in self._broken:
            return
        bad = self._unlinked(last, line, offset, prev)
        if name == "log" and bad is None and line.value["seq"] != chain.count:
            what = f"its number is {line.value['seq']}: entries are missing or moved"
            bad = Bad(CASE, what, line.entry, line.section, offset)
        if bad is not None:
            self._broken.add(name)
            self._bad.append(bad)

    def _unlinked(self, last: _Link, line: Line, offset: int, prev: str) -> Bad | None:
        """What is wrong up to this row: the row before it (which only now can be told), or that the two do not meet."""
        if last.said != last.true and last.line is not None:
            which = "hash" if prev == last.true else "fields"
            return self._unlike(last, which)
        if prev != last.said:
            what = "prev_hash: it does not follow the entry before it: one is missing, moved or changed"
            return Bad(CASE, what, line.entry, line.section, offset)
        return None

    def _unlike(self, last: _Link, which: str) -> Bad:
        assert last.line is not None
        what = {
            "hash": "hash: it was changed; the fields are as they were",
            "fields": "its fields are not those of its hash",
        }
        return Bad(CASE, what[which], last.line.entry, last.line.section, last.offset)

    def _cut(self, chain: _Link, name: str, head: object, count: object) -> Iterator[Bad]:
        for key, last in ((name, chain), *self._alerts.items()):
            if last.said != last.true and key not in self._broken:
                self._broken.add(key)
                yield self._unlike(last, "fields")
        said = _cut_of(chain, head, count)
        if said and name not in self._broken and self._incident:
            self._broken.add(name)
            yield Bad(CASE, said, chain.count + 1, name, chain.offset)

    def _folded(self) -> Iterator[Bad]:
        """Whether the log's fold and the alerts' last words are what the rows state."""
        for name, value in self._state.items():
            if self._incident.get(name) != value:
                what = f"{name} is {self._incident.get(name)!r}; the log ends in {value!r}"
                yield Bad(CASE, what, None, "incident")

    def _ended(self, alert: str) -> dict[str, Any]:
        return {name: self._last.get(alert, {}).get(name) for name in ("level", "condition")}

    def _names(self, said: object, line: Line, offset: int) -> None:
        """Remember every piece of evidence that a record names."""
        if isinstance(said, dict):
            for name, value in said.items():
                if name in ("sha256", "evidence") and isinstance(value, str) and _SHA256.fullmatch(value):
                    self._named.setdefault(value, (line.section, line.entry, offset))
                elif name == "evidence" and isinstance(value, list):
                    for one in value:
                        self._names({"sha256": one} if isinstance(one, str) else one, line, offset)
                else:
                    self._names(value, line, offset)
        elif isinstance(said, list):
            for one in said:
                self._names(one, line, offset)


def _cut_of(chain: _Link, head: object, count: object) -> str:
    if head is not None and head != chain.said:
        return f"entries are missing after {chain.count}: the chain's last hash is {head}"
    if isinstance(count, int) and chain.count > count:
        return f"{chain.count} entries, and {count} were written"
    return ""
