"""Tokens, users, sessions, and what is done about guessing."""

import pytest

from storage.records import Records, access, audit, users
from storage.records.access import Principal
from storage.records.users import Throttled


def test_a_token_is_shown_once_and_holds_until_it_ends(records: Records) -> None:
    with records.begin() as tx:
        token_id, secret = access.create_token(tx, "import", "officer", actor="root", at=1, department="a", expires=100)
        assert access.check_token(tx, secret, at=99) == Principal("import", "officer", "a")
        assert access.check_token(tx, secret, at=100) is None
        assert access.check_token(tx, secret + "x", at=2) is None
        assert access.revoke_token(tx, token_id, actor="root", at=3)
        assert not access.revoke_token(tx, token_id, actor="root", at=4)
        assert access.check_token(tx, secret, at=5) is None
        listed = access.list_tokens(tx)
        assert [(row.id, row.revoked) for row in listed] == [(token_id, 3)]
        assert secret not in repr(listed) + repr(audit.listing(tx))


@pytest.mark.parametrize(("role", "device"), [("root", None), ("device", None), ("admin", "a/water/b")])
def test_a_token_that_makes_no_sense_is_refused(records: Records, role: access.Role, device: str | None) -> None:
    with records.begin() as tx, pytest.raises(ValueError, match="role"):
        access.create_token(tx, "x", role, actor="root", at=1, device=device)


def test_roles_contain_each_other_and_departments_do_not() -> None:
    officer = Principal("li", "officer", "a")
    assert officer.may("viewer", "a")
    assert officer.may("officer")
    assert not officer.may("admin", "a")
    assert not officer.may("viewer", "b")
    assert Principal("root", "admin").may("officer", "b")


def test_a_device_may_only_send_its_own_messages() -> None:
    device = Principal("s1", "device", None, "a/water/s1")
    assert device.may_send("a/water/s1")
    assert not device.may_send("a/water/s2")
    assert not device.may("viewer", "a")
    assert Principal("root", "admin").may_send("a/water/s2")
    assert not Principal("li", "officer").may_send("a/water/s2")


def test_a_password_lets_in_and_a_wrong_one_does_not(records: Records) -> None:
    with records.begin() as tx:
        assert users.add_user(tx, "wang", "correct horse", "officer", actor="root", at=1, department="a")
        assert not users.add_user(tx, "wang", "other words", "admin", actor="root", at=1)
    assert users.check_password(records, "wang", "correct horse", at=2) == Principal("wang", "officer", "a")
    assert users.check_password(records, "wang", "wrong horse", at=2) is None
    assert users.check_password(records, "nobody", "correct horse", at=2) is None
    with records.read() as tx:
        assert [(user.name, user.role) for user in users.list_users(tx)] == [("wang", "officer")]


def test_guessing_becomes_slower_and_never_locks_out_for_long(records: Records) -> None:
    with records.begin() as tx:
        users.add_user(tx, "wang", "correct horse", "officer", actor="root", at=0)
    at, waits = 0, []
    for _ in range(14):
        try:
            assert users.check_password(records, "wang", "guess", at=at) is None
        except Throttled as throttled:
            waits.append(throttled.wait_ms)
            at += throttled.wait_ms
    assert waits[:3] == [1000, 2000, 4000]
    assert max(waits) <= users.LONGEST_WAIT_MS
    with pytest.raises(Throttled):
        users.check_password(records, "wang", "correct horse", at=at - 1)
    assert users.check_password(records, "wang", "correct horse", at=at + users.LONGEST_WAIT_MS) is not None
    assert users.check_password(records, "wang", "guess", at=at + users.LONGEST_WAIT_MS) is None


def test_a_session_holds_until_it_ends_or_the_password_changes(records: Records) -> None:
    with records.begin() as tx:
        users.add_user(tx, "wang", "correct horse", "officer", actor="root", at=0)
        one = access.open_session(tx, "wang", at=0, ttl_ms=100)
        session = access.check_session(tx, one.secret, at=50)
        assert session is not None
        assert session.principal == Principal("wang", "officer")
        assert access.check_csrf(session, one.csrf)
        assert not access.check_csrf(session, "x" + one.csrf)
        assert access.check_session(tx, one.secret, at=100) is None
        two = access.open_session(tx, "wang", at=200)
        assert access.close_session(tx, two.secret)
        assert access.check_session(tx, two.secret, at=201) is None
        three = access.open_session(tx, "wang", at=300)
        assert users.reset_password(tx, "wang", "new password", actor="root", at=301)
        assert access.check_session(tx, three.secret, at=302) is None
        assert not users.reset_password(tx, "nobody", "new password", actor="root", at=301)


@pytest.mark.parametrize(("name", "password"), [("", "long enough"), (" wang", "long enough"), ("wang", "short")])
def test_a_user_that_cannot_be_one_is_refused(records: Records, name: str, password: str) -> None:
    with records.begin() as tx, pytest.raises(ValueError, match="expected"):
        users.add_user(tx, name, password, "viewer", actor="root", at=1)
