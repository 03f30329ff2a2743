"""Who may do what: tokens and sessions. Secrets are shown once and kept only as hashes."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, delete, insert, select, update

from storage.records import audit
from storage.records.tables import app_user
from storage.records.tables import session as sessions
from storage.records.tables import token as tokens

Role = Literal["device", "viewer", "officer", "admin"]

RANK: Final[dict[str, int]] = {"device": 0, "viewer": 1, "officer": 2, "admin": 3}
"""What each role may do: whoever may do more may do everything below; a device may only send its own messages."""

_PREFIX: Final = "swt_"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `department` None: every department.

    `device` is `department/kind/device` for a token that may only send for it.
    """

    name: str
    role: Role
    department: str | None = None
    device: str | None = None

    def may(self, role: Role, department: str | None = None) -> bool:
        """Whether this principal has at least `role`, in `department` when one is named."""
        inside = self.department is None or department is None or department == self.department
        return inside and self.role != "device" and RANK[self.role] >= RANK[role]

    def may_send(self, station: str) -> bool:
        """Whether this principal may send messages for `department/kind/device`."""
        if self.role == "device":
            return self.device == station
        return self.may("admin", station.split("/", 1)[0])


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token without its secret; times epoch ms."""

    id: str
    name: str
    role: Role
    department: str | None
    device: str | None
    created: int
    created_by: str
    expires: int | None
    revoked: int | None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just opened: `secret` goes into the cookie, `csrf` into the page; times epoch ms."""

    secret: str
    csrf: str
    expires: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who it is, and the token that changes must carry against forged requests."""

    principal: Principal
    csrf: str
    expires: int


def hash_token(secret: str) -> str:
    """SHA-256; enough for secrets that are 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    tx: Connection,
    name: str,
    role: Role,
    *,
    actor: str,
    at: int,
    department: str | None = None,
    device: str | None = None,
    expires: int | None = None,
) -> tuple[str, str]:
    """The id and the secret of a new token; the secret is not kept and cannot be shown again.

    Raises:
        ValueError: the role is unknown, or a device token without device, or a device with another role.
    """
    if role not in RANK:
        raise ValueError(f"role {role!r}: expected one of {', '.join(RANK)}")
    if (role == "device") != (device is not None):
        raise ValueError("role 'device' and a device belong together")
    secret, token_id = _PREFIX + secrets.token_urlsafe(32), secrets.token_hex(6)
    values = {"id": token_id, "name": name, "hash": hash_token(secret), "role": role, "department": department}
    tx.execute(insert(tokens), {**values, "device": device, "created": at, "created_by": actor, "expires": expires})
    audit.note(tx, actor, "token.create", token_id, {"name": name, "role": role, "device": device}, at=at)
    return token_id, secret


def check_token(tx: Connection, secret: str, *, at: int) -> Principal | None:
    """Who shows this token, None when it is unknown, revoked or expired."""
    row = tx.execute(select(tokens).where(tokens.c.hash == hash_token(secret))).one_or_none()
    if row is None or row.revoked is not None or (row.expires is not None and row.expires <= at):
        return None
    return Principal(row.name, row.role, row.department, row.device)


def list_tokens(tx: Connection) -> list[TokenRow]:
    """Every token, newest first, without secrets."""
    names = TokenRow.__dataclass_fields__
    query = select(*(tokens.c[name] for name in names)).order_by(tokens.c.created.desc(), tokens.c.id)
    return [TokenRow(*row) for row in tx.execute(query)]


def revoke_token(tx: Connection, token_id: str, *, actor: str, at: int) -> bool:
    """End a token by its id; False when there is none that holds."""
    where = (tokens.c.id == token_id, tokens.c.revoked.is_(None))
    if not tx.execute(update(tokens).where(*where).values(revoked=at)).rowcount:
        return False
    audit.note(tx, actor, "token.revoke", token_id, at=at)
    return True


def open_session(tx: Connection, user: str, *, at: int, ttl_ms: int = 12 * 3_600_000) -> OpenedSession:
    """A session for a user whose password was checked; sessions that ran out are cleared away."""
    tx.execute(delete(sessions).where(sessions.c.expires <= at))
    opened = OpenedSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32), at + ttl_ms)
    values = {"hash": hash_token(opened.secret), "user_name": user, "csrf": opened.csrf, "created": at}
    tx.execute(insert(sessions), {**values, "expires": opened.expires})
    audit.note(tx, user, "session.open", user, at=at)
    return opened


def check_session(tx: Connection, secret: str, *, at: int) -> Session | None:
    """The session with this cookie, None when there is none or it ran out."""
    query = select(sessions.c.csrf, sessions.c.expires, app_user.c.name, app_user.c.role, app_user.c.department)
    query = query.join(app_user, app_user.c.name == sessions.c.user_name)
    row = tx.execute(query.where(sessions.c.hash == hash_token(secret), sessions.c.expires > at)).one_or_none()
    return None if row is None else Session(Principal(row.name, row.role, row.department), row.csrf, row.expires)


def check_csrf(session: Session, shown: str) -> bool:
    """Whether a changing request carries the session's own token, compared in constant time."""
    return secrets.compare_digest(session.csrf.encode(), shown.encode())


def close_session(tx: Connection, secret: str) -> bool:
    """End a session; False when there is none."""
    return bool(tx.execute(delete(sessions).where(sessions.c.hash == hash_token(secret))).rowcount)
