"""Shapes of sessions, users and tokens."""

from typing import Literal

from api.documents.shape import Shape, Time


class Session(Shape):
    """Who asks; `csrf` and `csrf_header` for sessions."""

    name: str
    role: Literal["viewer", "officer", "admin"]
    department: str | None
    csrf: str | None
    csrf_header: str | None
    expires: Time | None


class User(Shape):
    """A person who may log in."""

    name: str
    role: Literal["viewer", "officer", "admin"]
    department: str | None
    created: Time


class Token(Shape):
    """A token, without its secret."""

    id: str
    name: str
    role: Literal["device", "viewer", "officer", "admin"]
    department: str | None
    device: str | None
    created: Time
    created_by: str
    expires: Time | None
    revoked: Time | None


class NewTokenAnswer(Token):
    """A token with its secret, this once."""

    secret: str
