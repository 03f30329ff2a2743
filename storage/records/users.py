"""People: their passwords (Argon2id) and how fast somebody may try them."""

from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from hub.errors import HubError
from storage.records import audit
from storage.records.access import RANK, Principal, Role
from storage.records.engine import Records
from storage.records.tables import app_user
from storage.records.tables import session as sessions

FREE_TRIES: Final = 5
"""Wrong passwords before the first wait."""

LONGEST_WAIT_MS: Final = 60_000
"""A longer one would let anybody lock an officer out."""

LEAST_LENGTH: Final = 8

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY: Final = _hasher.hash("nobody has this password")


class Throttled(HubError):
    """Too many wrong passwords; try again after `wait_ms`."""

    def __init__(self, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(f"too many wrong passwords; try again in {(wait_ms + 999) // 1000} s")


@dataclass(frozen=True, slots=True)
class User:
    """One person who may log in; `department` None: every department."""

    name: str
    role: Role
    department: str | None
    created: int


def add_user(
    tx: Connection, name: str, password: str, role: Role, *, actor: str, at: int, department: str | None = None
) -> bool:
    """Add a person; False when the name is taken.

    Raises:
        ValueError: the name, role or password cannot be one.
    """
    if not name or name != name.strip() or role not in RANK or role == "device":
        raise ValueError(f"user {name!r}, role {role!r}: expected a name and viewer, officer or admin")
    if tx.execute(select(app_user.c.name).where(app_user.c.name == name)).one_or_none() is not None:
        return False
    values = {"name": name, "password": _hash(password), "role": role, "department": department, "created": at}
    tx.execute(insert(app_user), values)
    audit.note(tx, actor, "user.add", name, {"role": role, "department": department}, at=at)
    return True


def reset_password(tx: Connection, name: str, password: str, *, actor: str, at: int) -> bool:
    """Give a person a new password and end their sessions; False when there is no such person.

    Raises:
        ValueError: the password cannot be one.
    """
    values = {"password": _hash(password), "failures": 0, "blocked_until": 0}
    if not tx.execute(update(app_user).where(app_user.c.name == name).values(values)).rowcount:
        return False
    tx.execute(delete(sessions).where(sessions.c.user_name == name))
    audit.note(tx, actor, "user.reset_password", name, at=at)
    return True


def list_users(tx: Connection) -> list[User]:
    """Everybody by name."""
    query = select(app_user.c.name, app_user.c.role, app_user.c.department, app_user.c.created)
    return [User(*row) for row in tx.execute(query.order_by(app_user.c.name))]


def check_password(records: Records, name: str, password: str, *, at: int) -> Principal | None:
    """Who this is, None when the name or the password is wrong.

    It takes the database, not a transaction: the hash is computed while nothing is locked.

    Raises:
        Throttled: too many wrong passwords came for this name.
    """
    with records.read() as tx:
        row = tx.execute(select(app_user).where(app_user.c.name == name)).one_or_none()
    if row is not None and row.blocked_until > at:
        raise Throttled(row.blocked_until - at)
    right = _verify(_NOBODY if row is None else row.password, password) and row is not None
    if row is None or (right and not row.failures):
        return None if row is None else Principal(row.name, row.role, row.department)
    with records.begin() as tx:
        _count(tx, name, right, at)
    return Principal(row.name, row.role, row.department) if right else None


def _count(tx: Connection, name: str, right: bool, at: int) -> None:
    """Count a wrong password, or forget the count after a right one."""
    where = app_user.c.name == name
    if right:
        tx.execute(update(app_user).where(where).values(failures=0, blocked_until=0))
        return
    failures = int(tx.execute(select(app_user.c.failures).where(where)).scalar_one()) + 1
    over = failures - FREE_TRIES
    wait = min(LONGEST_WAIT_MS, 1000 << min(over, 16)) if over >= 0 else 0
    tx.execute(update(app_user).where(where).values(failures=failures, blocked_until=at + wait if wait else 0))
    audit.note(tx, name, "user.wrong_password", name, {"failures": failures}, at=at)


def _hash(password: str) -> str:
    if len(password) < LEAST_LENGTH:
        raise ValueError(f"password: expected at least {LEAST_LENGTH} characters")
    return _hasher.hash(password)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
