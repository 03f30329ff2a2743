"""Rules and their versions; a version is given here, and every change becomes a catalogue change."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from hub.catalogue import RulePut, RuleRemoved
from hub.rule import Rule
from storage.records import audit, changes
from storage.records.tables import rule as rules
from storage.records.tables import rule_version

Source = Literal["file", "api"]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule: who put it when; the content in `rule`."""

    rule: Rule
    content_hash: str
    at: int
    actor: str


@dataclass(slots=True)
class Synced:
    """What `sync` did, by rule id."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def content_hash(rule: Rule) -> str:
    """The same for the same rule whatever its version."""
    # Once around through JSON, so that 9 and 9.0 are the same limit.
    plain = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(rule, version=0)), type=Rule)
    words = msgspec.to_builtins(plain, str_keys=True)
    return hashlib.sha256(msgspec.json.encode(words, order="sorted")).hexdigest()


def put_rule(
    tx: Connection, rule: Rule, content: str | None = None, *, actor: str, at: int, source: Source = "api"
) -> Rule:
    """Bring a rule into force; the rule with the version it was given.

    Its own `version` is ignored; the same content keeps its version.
    """
    content = content or content_hash(rule)
    known = tx.execute(select(rules).where(rules.c.id == rule.id)).one_or_none()
    if known is not None and known.removed is None and known.content_hash == content:
        return msgspec.json.decode(known.body, type=Rule)
    put = msgspec.structs.replace(rule, version=1 if known is None else known.version + 1)
    body = msgspec.json.encode(put).decode()
    values = {"version": put.version, "content_hash": content, "body": body, "changed": at, "removed": None}
    if known is None:
        tx.execute(insert(rules), {"id": rule.id, "source": source, **values})
    else:
        tx.execute(update(rules).where(rules.c.id == rule.id).values(values))
    version = {"id": rule.id, "version": put.version, "content_hash": content, "body": body, "at": at, "actor": actor}
    tx.execute(insert(rule_version), version)
    changes.append(tx, RulePut(put), at=at)
    audit.note(tx, actor, "rule.put", rule.id, {"version": put.version}, at=at)
    return put


def remove_rule(tx: Connection, rule_id: str, *, actor: str, at: int) -> bool:
    """Take a rule out of force; False when it was not. Its versions stay."""
    where = (rules.c.id == rule_id, rules.c.removed.is_(None))
    if not tx.execute(update(rules).where(*where).values(removed=at, changed=at)).rowcount:
        return False
    changes.append(tx, RuleRemoved(rule_id), at=at)
    audit.note(tx, actor, "rule.remove", rule_id, at=at)
    return True


def get_rule(tx: Connection, rule_id: str, version: int | None = None) -> Rule | None:
    """The rule in force (`version` None) or one of its versions, None when there is none."""
    if version is None:
        query = select(rules.c.body).where(rules.c.id == rule_id, rules.c.removed.is_(None))
    else:
        query = select(rule_version.c.body).where(rule_version.c.id == rule_id, rule_version.c.version == version)
    body = tx.execute(query).scalar()
    return None if body is None else msgspec.json.decode(body, type=Rule)


def list_rules(tx: Connection) -> list[Rule]:
    """The rules in force by id."""
    bodies = tx.execute(select(rules.c.body).where(rules.c.removed.is_(None)).order_by(rules.c.id)).scalars()
    return [msgspec.json.decode(body, type=Rule) for body in bodies]


def versions(tx: Connection, rule_id: str) -> list[RuleVersion]:
    """Every version of a rule, newest first."""
    query = select(rule_version).where(rule_version.c.id == rule_id).order_by(rule_version.c.version.desc())
    return [
        RuleVersion(msgspec.json.decode(row.body, type=Rule), row.content_hash, row.at, row.actor)
        for row in tx.execute(query)
    ]


def sync(tx: Connection, given: Iterable[Rule], *, actor: str, at: int) -> Synced:
    """Make the rules that come from files equal to `given`.

    A rule whose file did not change since the last call is left as it is, so what was edited through the API stays; a
    rule that left the files is removed, one that was made through the API is not.
    """
    done = Synced()
    files = {rule.id: rule for rule in given}
    known = {row.id: row for row in tx.execute(select(rules))}
    for rule_id, rule in sorted(files.items()):
        content, row = content_hash(rule), known.get(rule_id)
        if row is not None and row.file_hash == content:
            done.unchanged.append(rule_id)
            continue
        was = None if row is None or row.removed is not None else row.version
        now = put_rule(tx, rule, content, actor=actor, at=at, source="file").version
        tx.execute(update(rules).where(rules.c.id == rule_id).values(source="file", file_hash=content))
        (done.added if was is None else done.unchanged if was == now else done.changed).append(rule_id)
    for rule_id, row in sorted(known.items()):
        if rule_id not in files and row.source == "file" and row.file_hash is not None:
            tx.execute(update(rules).where(rules.c.id == rule_id).values(file_hash=None))
            if remove_rule(tx, rule_id, actor=actor, at=at):
                done.removed.append(rule_id)
    return done


def count_rules(tx: Connection) -> int:
    """How many rules are in force."""
    return int(tx.execute(select(func.count()).where(rules.c.removed.is_(None))).scalar_one())
