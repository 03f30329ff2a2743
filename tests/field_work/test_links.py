"""A link is worth something whole, in time and until it is ended; anything else of it is worth nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.field_work import issuing
from alerts.field_work.issuing import LIFE_MS, LinkRefused
from alerts.field_work.links import TOKEN_LENGTH, Link, id_in, is_signed, link_id, token_of, unlinked
from storage.records import Records, field_work, incidents, open_records
from storage.records.incidents import Entry
from storage.records.rows import IncidentRow

AT = 1_795_000_000_000
SECRET = b"k" * 32
LINK = Link(link_id(b"a" * 12), "incident", "li-si", AT, "key")
TOKEN = token_of(LINK, SECRET)
words = st.text(min_size=1, max_size=20)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records("sqlite:///hub.db", tmp_path)
    opened.migrate()
    with opened.begin() as tx:
        for number in ("one", "two"):
            new = IncidentRow(
                number, number, 20261118, len(number) + ord(number[0]), number, "n", "water", "d", None, 2, 2, 2, AT, AT
            )
            incidents.add(tx, new, Entry("opened", "hub", AT, AT))
    yield opened
    opened.close()


def test_a_token_is_its_link_s() -> None:
    assert len(TOKEN) == TOKEN_LENGTH
    assert id_in(TOKEN) == LINK.id
    assert is_signed(TOKEN, LINK, SECRET)


@given(st.integers(0, TOKEN_LENGTH - 1), st.integers(0, 7))
def test_no_bit_of_a_token_can_be_another(place: int, bit: int) -> None:
    octets = bytearray(TOKEN.encode())
    octets[place] ^= 1 << bit
    assert not is_signed(octets.decode("latin-1"), LINK, SECRET)


@given(words, words, st.integers(0, 2**60), words, st.binary(min_size=1, max_size=64))
def test_a_token_fits_no_other_link_and_no_other_key(
    incident: str, person: str, expires: int, key: str, secret: bytes
) -> None:
    other = Link(LINK.id, incident, person, expires, key)
    assert is_signed(TOKEN, other, SECRET) == (other == LINK)
    assert is_signed(TOKEN, LINK, secret) == (secret == SECRET)


@given(st.text(max_size=60))
def test_words_are_no_token(text: str) -> None:
    assert not is_signed(text, LINK, SECRET)


@pytest.mark.parametrize("path", [f"/t/{TOKEN}", f"/v1/tasks/{TOKEN}/photos", f"/v1/tasks/{TOKEN}"])
def test_a_log_shows_no_token(path: str) -> None:
    assert TOKEN not in unlinked(path)
    assert TOKEN[-24:] not in unlinked(path)
    assert unlinked(path).endswith(path.partition(TOKEN)[2])
    assert unlinked("/v1/incidents") == "/v1/incidents"


def test_one_person_and_incident_have_one_link_until_it_is_old(records: Records) -> None:
    with records.begin() as tx:
        first = issuing.issue(tx, "one", "li", at=AT)
        assert issuing.issue(tx, "one", "li", at=AT + 1000).token == first.token
        assert issuing.issue(tx, "one", "wang", at=AT).token != first.token
        assert issuing.issue(tx, "two", "li", at=AT).token != first.token
        late = issuing.issue(tx, "one", "li", at=AT + LIFE_MS - 1000)
        assert late.token != first.token
        assert issuing.check(tx, first.token, at=AT + LIFE_MS - 1).person == "li"


def test_a_link_ends_by_time_by_an_officer_and_never_by_a_new_key(records: Records) -> None:
    with records.begin() as tx:
        token = issuing.issue(tx, "one", "li", at=AT).token
        issuing.rotate(tx, actor="admin", at=AT + 1)
        assert issuing.check(tx, token, at=AT + 2).incident == "one"
        assert issuing.issue(tx, "two", "li", at=AT + 2).row.key != field_work.of_incident(tx, "one")[0].key
        with pytest.raises(LinkRefused, match="expired"):
            issuing.check(tx, token, at=AT + LIFE_MS)
        assert issuing.revoke(tx, "one", "li", actor="wang", at=AT + 3) == 1
        assert issuing.revoke(tx, "one", actor="wang", at=AT + 3) == 0
        with pytest.raises(LinkRefused, match="revoked"):
            issuing.check(tx, token, at=AT + 4)
        assert issuing.issue(tx, "one", "li", at=AT + 4).token != token


def test_a_link_whose_row_was_changed_is_forged(records: Records) -> None:
    with records.begin() as tx:
        token = issuing.issue(tx, "one", "li", at=AT).token
        tx.exec_driver_sql("UPDATE task_link SET expires = expires + 1")
        with pytest.raises(LinkRefused, match="forged"):
            issuing.check(tx, token, at=AT)
