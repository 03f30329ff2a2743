"""Evidence goes when its time has come, thumbnails first on a full disk, and never what an incident holds or a site learns from."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection

from hub.evidence import Evidence, EvidenceKind
from storage.evidence import DiskLevels, EvidenceFolder, Retention
from storage.records import open_records
from storage.records.patrol import evidence, learning
from storage.records.patrol.keeper import EvidenceKeeper
from storage.records.patrol.learning import StoredLabel

CAMERA = "north/camera/bridge-1"
DAY = 86_400_000
NOW = 100 * DAY


def test_what_is_old_goes_with_its_twin_and_what_is_held_stays(tmp_path: Path) -> None:
    records, folder = open_records("sqlite:///hub.db", tmp_path), EvidenceFolder(tmp_path / "evidence")
    records.migrate()
    twin = folder.put(b"blurred")

    def put(word: bytes, kind: EvidenceKind, age: int) -> str:
        sha256 = folder.put(word)
        piece = Evidence(sha256, kind, "image/jpeg", len(word), NOW - age * DAY, person=word == b"old frame")
        with records.begin() as tx:
            evidence.put(tx, "event", CAMERA, piece, twin if piece.person else None)
        return sha256

    old, held, young = put(b"old frame", "frame", 40), put(b"held", "frame", 40), put(b"young", "frame", 5)
    crop, document = put(b"a crop", "crop", 90), put(b"a document", "document", 99)
    with records.begin() as tx:
        learning.put_label(tx, StoredLabel(0, CAMERA, "event", crop, "rejected", "", "", (), NOW, "wang"))

    def locked(_tx: Connection, _hashes: Collection[str]) -> Collection[str]:
        return {held}

    keeper = EvidenceKeeper(folder, records, Retention({"frame": 30, "crop": 30}, DiskLevels(0, 0, 0)), locked)
    assert keeper.tidy(NOW) == 1
    assert not folder.sound(old)
    assert not folder.sound(twin)
    assert all(folder.sound(one) for one in (held, young, crop, document))
    full = EvidenceKeeper(folder, records, Retention({}, DiskLevels(0.999999, 0.999999, 0.999999)), locked)
    assert full.tidy(NOW) == 1
    assert not folder.sound(young)
    assert all(folder.sound(one) for one in (held, crop, document))
    records.close()


def test_on_a_disk_that_fills_thumbnails_are_left_out_before_frames() -> None:
    retention = Retention({}, DiskLevels(0.15, 0.10, 0.05))
    assert [retention.kept_now(kind, 0.2) for kind in ("thumbnail", "overlay", "frame")] == [True, True, True]
    assert [retention.kept_now(kind, 0.08) for kind in ("thumbnail", "overlay", "frame")] == [False, True, True]
    assert [retention.kept_now(kind, 0.01) for kind in ("thumbnail", "overlay", "frame")] == [False, False, True]
