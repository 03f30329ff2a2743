"""Dead letters: kept with their bytes, listed, retried, dropped."""

from hub.dead_letter import DeadLetter
from storage.records import Records, audit, dead_letters


def letter(number: int, reason: str = "bad_format") -> DeadLetter:
    return DeadLetter(1000 + number, "mqtt", "hub/a/water/b/telemetry", reason, "detail", bytes([0, 255, number]))


def test_what_came_is_kept_byte_for_byte(records: Records) -> None:
    with records.begin() as tx:
        number = dead_letters.store(tx, letter(7))
        assert dead_letters.get_bytes(tx, number) == b"\x00\xff\x07"
        stored = dead_letters.get(tx, number)
        assert stored is not None
        assert (stored.size, stored.state, stored.reason, stored.received) == (3, "kept", "bad_format", 1007)
        assert dead_letters.get(tx, number + 1) is None
        assert dead_letters.get_bytes(tx, number + 1) is None


def test_letters_are_settled_once(records: Records) -> None:
    with records.begin() as tx:
        first, second = (dead_letters.store(tx, letter(n)) for n in range(2))
        assert dead_letters.mark_retried(tx, first, actor="wang", at=5)
        assert not dead_letters.mark_dropped(tx, first, actor="wang", at=6)
        assert dead_letters.mark_dropped(tx, second, actor="li", at=7)
        assert dead_letters.counts(tx) == {("retried", "bad_format"): 1, ("dropped", "bad_format"): 1}
        assert [(row.actor, row.action) for row in audit.listing(tx)] == [
            ("li", "dead_letter.dropped"),
            ("wang", "dead_letter.retried"),
        ]


def test_pages_stay_right_while_letters_come_in(records: Records) -> None:
    with records.begin() as tx:
        numbers = [dead_letters.store(tx, letter(n, ("a", "b")[n % 2])) for n in range(10)]
        page = dead_letters.listing(tx, limit=4)
        dead_letters.store(tx, letter(99))
        rest = dead_letters.listing(tx, limit=100, cursor=page.next)
        assert [row.id for row in (*page.items, *rest.items)] == numbers[::-1]
        assert [row.id for row in dead_letters.listing(tx, reason="a").items] == numbers[8::-2]
        assert dead_letters.listing(tx, state="dropped").items == []


def test_only_settled_letters_are_forgotten(records: Records) -> None:
    with records.begin() as tx:
        first, second = (dead_letters.store(tx, letter(n)) for n in range(2))
        dead_letters.mark_dropped(tx, first, actor="wang", at=5)
        assert dead_letters.prune(tx, before=10_000) == 1
        assert [row.id for row in dead_letters.listing(tx).items] == [second]
