"""Opening, migrating and transactions, the same on both engines."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from hub.errors import ConfigError, StoreUnavailable
from storage.records import Committed, Records, feed, migrate, open_records
from storage.records.engine import mark
from storage.records.tables import metadata


def test_migrating_from_empty_gives_the_tables_as_they_are_declared(records: Records) -> None:
    with records.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
        assert set(inspect(tx).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_again_and_from_many_at_once_changes_nothing(records_url: str, tmp_path: Path) -> None:
    several = [open_records(records_url, tmp_path) for _ in range(3)]
    threads = [threading.Thread(target=each.migrate) for each in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with several[0].begin() as tx:
        feed.append(tx, "alert", {}, at=1)
    for each in several:
        each.migrate()
        with each.read() as tx:
            assert len(feed.after(tx, 0)) == 1
        each.close()


def test_a_transaction_that_raises_leaves_nothing_and_wakes_nobody(records: Records) -> None:
    woken: list[Committed] = []
    records.listen(woken.append)
    with pytest.raises(TypeError), records.begin() as tx:  # noqa: PT012 - the error comes out of the transaction
        feed.append(tx, "alert", {}, at=1)
        feed.append(tx, "alert", object(), at=2)
    with records.read() as tx:
        assert feed.after(tx, 0) == []
    assert woken == []


def test_listeners_are_told_what_a_commit_leaves_to_do(records: Records) -> None:
    woken: list[Committed] = []
    unlisten = records.listen(woken.append)
    with records.begin() as tx:
        feed.append(tx, "alert", {}, at=1)
    unlisten()
    with records.begin() as tx:
        feed.append(tx, "alert", {}, at=2)
    assert woken == [Committed(feed=True, outbox=False, catalogue=False)]


def test_an_attendant_works_in_the_transaction_and_hears_how_it_ended(tmp_path: Path) -> None:
    records, heard = open_records("sqlite:///hub.db", tmp_path), list[bool]()
    records.migrate()

    def attend(tx: Connection) -> Callable[[bool], None]:
        feed.append(tx, "alert", {}, at=1)
        return heard.append

    def leave(*statements: str) -> None:
        with records.begin() as tx:
            mark(tx, "outbox")
            for statement in statements:
                tx.execute(text(statement))

    records.attend(attend)
    leave()
    with records.begin() as tx:
        feed.append(tx, "alert", {}, at=2)  # nothing to send: nobody attends
    orphan = (
        "INSERT INTO delivery (notification, attempt, begun, status, answer, vendor_id) VALUES (7, 1, 1, 'x', '', '')"
    )
    with pytest.raises(IntegrityError):
        leave("PRAGMA defer_foreign_keys = ON", orphan)  # refused by the commit itself
    with pytest.raises(StoreUnavailable):
        leave("SELECT * FROM nowhere")  # never came to its end
    records.attend(None)
    leave()
    assert heard == [True, False]
    with records.read() as tx:
        assert len(feed.after(tx, 0)) == 2
    records.close()


def test_whoever_reads_the_feed_beside_many_writers_misses_nothing(
    records: Records, records_url: str, tmp_path: Path
) -> None:
    # Numbers are given in the order of commits, so "after the last seen" is never too far.
    other = open_records(records_url, tmp_path)
    writers, each = 4, 25

    def write(database: Records, writer: int) -> None:
        for number in range(each):
            with database.begin() as tx:
                feed.append(tx, "alert", {"writer": writer, "number": number}, at=number)

    threads = [threading.Thread(target=write, args=((records, other)[n % 2], n)) for n in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads) or len(seen) < writers * each:
        with records.read() as tx:
            seen += [row.seq for row in feed.after(tx, seen[-1] if seen else 0)]
    with records.read() as tx:
        assert seen == [row.seq for row in feed.after(tx, 0)]
    other.close()


def test_the_feed_resumes_and_forgets_what_is_old_without_using_a_number_twice(records: Records) -> None:
    with records.begin() as tx:
        for at in range(5):
            feed.append(tx, "alert", {"at": at}, at=at)
        first, last = feed.span(tx)
        assert [row.at for row in feed.after(tx, first + 1)] == [2, 3, 4]
        assert feed.prune(tx, before=99) == 4
        assert feed.span(tx) == (last, last)
        feed.append(tx, "alert", {}, at=9)
        assert feed.span(tx) == (last, last + 1)


@pytest.mark.parametrize("url", ["mysql://host/hub", "nonsense", "sqlite://", ""])
def test_an_unknown_engine_is_refused_by_name(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected sqlite:///hub"):
        open_records(url, tmp_path)


def test_a_server_that_is_away_is_said_to_be_unavailable(tmp_path: Path, free_port: int) -> None:
    away = open_records(f"postgresql://hub@127.0.0.1:{free_port}/hub", tmp_path)
    with pytest.raises(StoreUnavailable), away.read():
        pass
    away.close()


def test_the_newest_step_is_the_one_that_is_known_without_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]
