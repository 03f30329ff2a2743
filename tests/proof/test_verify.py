"""A case that was touched is found out, and the touched place has a name."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.proof import container, record
from alerts.proof.container import CASE, MANIFEST, REPORT, SIGNATURE, Member
from alerts.proof.finding import Bad, Verdict
from alerts.proof.manifest import File, content_hash, decode_manifest, encode_manifest
from alerts.proof.seal import open_seal
from alerts.proof.verify import verify
from tests.proof.casefile import District


def _verdict(data: bytes, key: str | None = None) -> Verdict:
    return verify(io.BytesIO(data), key)


def _files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    parts = list(files)
    members = container.placed((name, len(data), zlib.crc32(data)) for name, data in parts)
    bodies = (container.header(member) + data for member, (_, data) in zip(members, parts, strict=True))
    return b"".join(bodies) + container.directory(members)


def _first(data: bytes) -> Bad:
    verdict = _verdict(data)
    assert not verdict.whole
    return verdict.bad[0]


def _members(data: bytes) -> list[Member]:
    return container.read_members(io.BytesIO(data))


def test_a_case_is_whole_and_any_zip_tool_reads_it(case: bytes) -> None:
    verdict = _verdict(case)
    assert verdict.whole, verdict.bad
    assert verdict.counts["log"] == 3
    with zipfile.ZipFile(io.BytesIO(case)) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[0] == CASE


# --- a flipped byte


@settings(max_examples=150, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@example(where=0.0, flip=1)
@example(where=1 - 1e-9, flip=128)
def test_any_flipped_byte_is_named(case: bytes, where: float, flip: int) -> None:
    offset = int(where * len(case))
    data = bytearray(case)
    data[offset] ^= flip
    _check_named(case, bytes(data), offset)


def _check_named(case: bytes, data: bytes, offset: int) -> None:
    """The first finding names the file in which the byte lies; one of them names the byte, or the record, itself."""
    owner = next((one for one in _members(case) if one.offset <= offset < one.ends), None)
    verdict = _verdict(data)
    assert not verdict.whole
    first = verdict.bad[0]
    if owner is None or offset < owner.begins:
        assert first.offset is not None or first.file != "zip", first
        return
    assert first.file == owner.name, (offset - owner.begins, verdict.bad)
    assert any(bad.offset == offset for bad in verdict.bad), (owner.name, offset - owner.begins, verdict.bad)


def test_every_byte_of_the_frame_counts(case: bytes) -> None:
    spans = [range(member.offset, member.begins) for member in _members(case)]
    spans.append(range(_members(case)[-1].ends, len(case)))
    for offset in (place for span in spans for place in span):
        data = bytearray(case)
        data[offset] ^= 0x10
        assert not _verdict(bytes(data)).whole, offset


def test_a_flip_in_a_log_of_ten_thousand_entries_is_named_by_its_entry(district: District) -> None:
    district.note("巡查", 10_000)
    data = district.case(report=False)
    assert _verdict(data).whole
    member = next(one for one in _members(data) if one.name == CASE)
    offsets = _log_offsets(data, member)
    for entry in (2, 7013, 10_003):
        begin = offsets[entry]
        at = data.index(b'"reason":"', begin) + len(b'"reason":"')
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        verdict = _verdict(flipped)
        assert (verdict.bad[0].file, verdict.bad[0].field, verdict.bad[0].entry) == (CASE, "log", entry), verdict.bad
        assert any(bad.offset == at for bad in verdict.bad)


def _log_offsets(data: bytes, member: Member) -> dict[int, int]:
    lines = record.lines_of([data[member.begins : member.ends]])
    return {line.entry: member.begins + line.offset for line in record.read(lines) if line.section == "log"}


# --- files and frame


def test_a_case_that_is_cut_off_is_no_case(case: bytes) -> None:
    for length in (*range(0, len(case), 997), len(case) - 1, len(case) - 22, len(case) - 60):
        assert not _verdict(case[:length]).whole, length
    assert "cut off" in _first(case[: len(case) // 2]).what


def test_what_follows_the_end_is_found(case: bytes) -> None:
    assert _first(case + b"x").file == "zip"


@pytest.mark.parametrize("name", [CASE, REPORT, MANIFEST, SIGNATURE, "evidence"])
def test_a_missing_file_is_named(case: bytes, name: str) -> None:
    files = _files(case)
    gone = next(file for file in files if file.startswith(name))
    first = _first(_zip((file, data) for file, data in files.items() if file != gone))
    assert (first.file, first.what) == (gone, "the file is missing")


def test_an_extra_file_is_named(case: bytes) -> None:
    extra = f"evidence/{'0' * 64}.png"
    found = _verdict(_zip([*_files(case).items(), (extra, b"x")])).bad
    assert [bad.file for bad in found] == [extra]


@pytest.mark.parametrize("name", ["../case.json", "/etc/passwd", "evidence/../x", "c:\\x", "evidence/" + "g" * 64])
def test_a_path_that_leads_elsewhere_is_refused(case: bytes, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(name, b"x")
    assert "no file of that name" in _first(packed.getvalue()).what
    assert not _verdict(_zip([*_files(case).items(), (name, b"x")])).whole


def test_a_zip_bomb_is_refused_unopened() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(CASE, b"0" * 50_000_000)
    first = _first(packed.getvalue())
    assert (first.file, first.what.split(";")[0]) == (CASE, f"{CASE} is packed")


def test_two_files_of_one_name_are_refused(case: bytes) -> None:
    files = list(_files(case).items())
    assert "twice" in _first(_zip([*files, files[0]])).what


def test_files_in_another_order_are_found(case: bytes) -> None:
    assert _first(_zip(reversed(list(_files(case).items())))).file == "zip"


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"%PDF-1.4", bytes(5000)])
def test_what_is_no_zip_is_no_case(data: bytes) -> None:
    assert not _verdict(data).whole


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_nothing_makes_it_fall(tail: bytes) -> None:
    assert not _verdict(b"PK\x03\x04" + tail).whole


# --- rewritten records: whoever changes one rewrites its hashes, and the manifest, and has no key


def _rewritten(case: bytes, change: "dict[str, bytes]", district: District | None = None) -> bytes:
    """The case with files changed, the manifest made to fit, sealed by the district's hub or left unsealed."""
    files = {**_files(case), **change}
    told = decode_manifest(files[MANIFEST])
    every = tuple(_measured(file.name, files[file.name]) for file in told.files)
    content = content_hash(told.incident, told.number, told.version, told.heads, every)
    files[MANIFEST] = encode_manifest(msgspec.structs.replace(told, files=every, content=content))
    if district is not None:
        files[SIGNATURE] = district.maker.seal.sign(files[MANIFEST])
    return _zip(files.items())


def _measured(name: str, data: bytes) -> File:
    return File(name, len(data), hashlib.sha256(data).hexdigest())


def _log_lines(case: bytes) -> tuple[bytes, list[bytes], bytes]:
    """case.json before its log, the log's lines, and what follows."""
    text = _files(case)[CASE]
    begin = text.index(b'"log":[\n') + len(b'"log":[\n')
    end = text.index(b"],\n", begin)
    return text[:begin], text[begin:end].split(b",\n"), text[end:]


def test_without_the_key_a_rewritten_case_is_found(case: bytes) -> None:
    text = _files(case)[CASE].replace(b'"number":"', b'"number":"x', 1)
    first = _first(_rewritten(case, {CASE: text}))
    assert first.file in (MANIFEST, SIGNATURE)


def test_reordered_and_missing_entries_are_named(standing_district: District, case: bytes) -> None:
    head, lines, tail = _log_lines(case)
    for changed, entry in (([lines[0], lines[2], lines[1]], 2), (lines[:2], 3), (lines[1:], 1)):
        data = _rewritten(case, {CASE: head + b",\n".join(changed) + tail}, standing_district)
        first = _first(data)
        assert (first.file, first.field, first.entry) == (CASE, "log", entry), (first, len(changed))


def test_a_state_that_the_log_does_not_tell_is_found(standing_district: District, case: bytes) -> None:
    text = _files(case)[CASE].replace(b'"state":"detected"', b'"state":"closed"', 1)
    first = _first(_rewritten(case, {CASE: text}, standing_district))
    assert (first.file, first.field) == (CASE, "incident")
    assert "the log ends in 'detected'" in first.what


def test_a_case_sealed_with_another_key_is_found_when_the_key_is_known(
    case: bytes, standing_district: District, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mine = standing_district.maker.seal.public
    assert _verdict(case, mine).whole
    forger = open_seal(tmp_path_factory.mktemp("forger"))
    files = _files(case)
    files[SIGNATURE] = forger.sign(files[MANIFEST])
    forged = _zip(files.items())
    assert _verdict(forged).whole
    assert [bad.field for bad in _verdict(forged, mine).bad] == ["key"]


def test_evidence_that_the_log_names_has_to_be_there(district: District) -> None:
    sha256 = district.attach(b"\xff\xd8 a photograph", "image/jpeg")
    assert _verdict(district.case(report=False)).whole
    district.evidence.drop(sha256)
    first = _first(district.case(report=False))
    assert sha256 in first.what
    assert (first.field, first.entry) == ("log", 4)


def test_evidence_that_was_changed_on_the_disk_is_not_passed_off_as_sound(district: District) -> None:
    sha256 = district.attach(b"\xff\xd8 a photograph", "image/jpeg")
    district.evidence.path(sha256).write_bytes(b"\xff\xd8 another picture")
    assert sha256 in _first(district.case(report=False)).what


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[begin : begin + size] for begin in range(0, len(data), size))


@given(st.lists(st.binary(max_size=30)), st.integers(1, 9))
def test_lines_are_the_same_however_they_come(lines: list[bytes], size: int) -> None:
    data = b"\n".join(lines)
    assert b"".join(record.lines_of(_pieces(data, size))) == data
