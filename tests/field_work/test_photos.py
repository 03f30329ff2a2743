"""Photos: taken whole and as they are, warned about where they are strange, refused in words where they prove nothing."""

import hashlib
import io
import struct
import zlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from alerts.field_work.photos import LIMIT, PhotoRefused, examine, preview
from alerts.field_work.screen import looks_like_text
from hub.clock import rfc3339
from storage.evidence import EvidenceFolder
from storage.records import attached
from tests.api.hub import NOW, Hub
from tests.field_work.conftest import picture
from tests.field_work.staff import HERE, Staff

ZONE = ZoneInfo("Asia/Shanghai")


def with_exif(time: str = "", offset: str = "", lon: float | None = None, lat: float = 0.0) -> bytes:
    exif = Image.Exif()
    if time:
        exif.get_ifd(0x8769)[36867] = time
    if offset:
        exif.get_ifd(0x8769)[36881] = offset
    if lon is not None:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N" if lat >= 0 else "S", (abs(lat), 0.0, 0.0)
        gps[3], gps[4] = "E" if lon >= 0 else "W", (abs(lon), 0.0, 0.0)
    out = io.BytesIO()
    Image.open(io.BytesIO(picture(160, 120))).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_known_by_its_content(kind: str) -> None:
    data = picture(64, 48, kind)
    photo = examine(data, ZONE, hashlib.sha256(data).hexdigest())
    assert (photo.media_type, photo.width, photo.height, photo.size) == (f"image/{kind.lower()}", 64, 48, len(data))


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2026:11:18 19:00:00", "", "2026-11-18T19:00:00+08:00"),
        ("2026:11:18 19:00:00", "+00:00", "2026-11-19T03:00:00+08:00"),
        ("2026:11:18 19:00:00", "-03:30", "2026-11-19T06:30:00+08:00"),
        ("2026:11:18 19:00:00", "noon", "2026-11-18T19:00:00+08:00"),
        ("0000:00:00 00:00:00", "", None),
        ("yesterday", "", None),
    ],
)
def test_the_time_is_the_camera_s(written: str, offset: str, expected: str | None) -> None:
    photo = examine(with_exif(written, offset), ZONE)
    assert (None if photo.captured is None else rfc3339(photo.captured, ZONE)) == expected


def test_the_place_is_the_camera_s() -> None:
    place = examine(with_exif(lon=121.5, lat=-29.25), ZONE).place
    assert place is not None
    assert (place.lon, place.lat) == (121.5, -29.25)
    assert examine(with_exif(lon=0, lat=0), ZONE).place is None
    assert examine(with_exif(lon=500, lat=10), ZONE).place is None


@settings(max_examples=30)
@given(st.integers(0, 2000))
def test_a_photo_that_was_cut_off_is_refused(cut: int) -> None:
    data = picture(160, 120)
    with pytest.raises(PhotoRefused):
        examine(data[: -cut - 40], ZONE)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8 "])
)
def test_nonsense_is_refused_and_nothing_worse(noise: bytes, magic: bytes) -> None:
    with pytest.raises(PhotoRefused):
        examine(magic + noise, ZONE)
    with pytest.raises(PhotoRefused):
        preview(magic + noise, 100)


@pytest.mark.parametrize("side", [60_000, 6_000])
def test_a_bomb_is_refused_by_its_size_alone(side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    with pytest.raises(PhotoRefused):
        examine(bomb, ZONE)


def test_heic_is_refused_with_what_to_do(standing: Staff) -> None:
    refused = standing.photo(b"\0\0\0\x18ftypheic" + b"\0" * 100, role="after")
    assert refused.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert "JPEG" in refused.json()["detail"]


def test_a_preview_is_small_and_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.open(io.BytesIO(picture(1600, 1200))).save(out, "JPEG", exif=exif)
    small = preview(out.getvalue(), 640)
    assert len(small) < 70_000
    assert Image.open(io.BytesIO(small)).size == (480, 640)


def page_of_text(dark: bool, turn: float) -> Image.Image:
    ground, ink = ((20, 20, 22), (230, 230, 230)) if dark else ((244, 244, 242), (25, 25, 25))
    image = Image.new("RGB", (700, 900), ground)
    pen = ImageDraw.Draw(image)
    rng = np.random.default_rng(3)
    for y in range(40, 860, 26):
        x = 40
        while x < 640:
            width = int(rng.integers(4, 12))
            for _ in range(2):
                top, left = y + int(rng.integers(0, 12)), x + int(rng.integers(0, 6))
                pen.line((left, top, left + width, top), fill=ink, width=3)
                pen.line((left, y, left, y + 15), fill=ink, width=3)
            x += width + 7
    return image.rotate(turn, fillcolor=ground).filter(ImageFilter.GaussianBlur(1))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("turn", [0, 7])
def test_a_page_or_screen_of_text_is_noticed(dark: bool, turn: float) -> None:
    assert looks_like_text(page_of_text(dark, turn))


@pytest.mark.parametrize("seed", range(8))
def test_a_place_is_no_text(seed: int) -> None:
    assert not looks_like_text(Image.open(io.BytesIO(picture(640, 480, seed=seed))))


def test_fog_snow_and_night_are_no_text() -> None:
    rng = np.random.default_rng(1)
    for light in (15, 128, 235):
        noise = rng.normal(light, 4, (480, 640, 3)).clip(0, 255).astype(np.uint8)
        assert not looks_like_text(Image.fromarray(noise))


def test_forty_megabytes_are_refused_before_they_are_read(standing: Staff) -> None:
    read = 0

    async def photo() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(40):
            read += 1 << 20
            yield b"\xff" * (1 << 20)

    headers = {"Idempotency-Key": "forty-megabytes", "Content-Type": "image/jpeg"}
    path = f"/v1/tasks/{standing.token}/photos?role=after"
    said = standing.hub.ask("POST", path, None, content=b"", headers={**headers, "Content-Length": str(40 << 20)})
    assert (said.status_code, said.json()["limit"] >= LIMIT) == (413, True)
    unsaid = standing.hub.ask("POST", path, None, content=photo(), headers=headers)
    assert unsaid.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert read <= 15 << 20


def test_a_photo_that_changed_on_the_way_is_refused(standing: Staff, jpeg: bytes) -> None:
    refused = standing.photo(jpeg, role="after", sha256="0" * 64)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert refused.json()["reason"] == "hash"
    cut = standing.photo(jpeg[: len(jpeg) // 2], role="after")
    assert (cut.status_code, cut.json()["reason"]) == (422, "broken")
    assert standing.log() == ["opened"]


def test_a_photo_is_kept_as_it_came_and_attached_once(hub: Hub, li: Staff, jpeg: bytes) -> None:
    sha256 = hashlib.sha256(jpeg).hexdigest()
    for key in ("first-key", "first-key", "second-key"):
        taken = li.photo(jpeg, key, role="after", sha256=sha256, **HERE)
        assert taken.status_code == HTTPStatus.OK
    assert EvidenceFolder(hub.context.evidence).read(sha256) == jpeg
    with hub.records.read() as tx:
        (row,) = attached.of(tx, li.incident)
    assert (row.sha256, row.role, row.lon, row.added_by) == (sha256, "after", 121.6, "li-si")
    assert li.log() == ["opened", "evidence"]
    shown = hub.get(f"/v1/tasks/{li.token}/evidence/{sha256}", None)
    assert shown.headers["content-type"] == "image/jpeg"
    assert hub.get(f"/v1/tasks/{li.token}/evidence/{'0' * 64}", None).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("captured", "place", "warnings"),
    [
        (NOW - 60_000, HERE, []),
        (NOW - 86_400_000, HERE, ["captured_before"]),
        (NOW + 3_600_000, HERE, ["captured_ahead"]),
        (NOW - 60_000, {"lon": 121.7, "lat": 29.95, "accuracy_m": 5}, ["far_away"]),
        (NOW - 60_000, {"lon": 121.604, "lat": 29.95, "accuracy_m": 150}, []),
    ],
)
def test_what_is_strange_is_taken_and_told(
    standing: Staff, captured: int, place: dict[str, Any], warnings: list[str]
) -> None:
    taken = standing.photo(
        picture(320, 240, seed=captured % 999 + len(place) + round(place["lon"] * 1000)),
        role="after",
        captured=rfc3339(captured, ZONE),
        **place,
    )
    assert taken.json()["warnings"] == warnings
    last = standing.hub.get(f"/v1/incidents/{standing.incident}").json()["log"][-1]
    assert last["reason"] == ", ".join(warnings)


def test_an_officer_attaches_photos_too(hub: Hub, li: Staff, jpeg: bytes) -> None:
    path = f"/v1/incidents/{li.incident}/evidence?role=now"

    def send(who: str) -> httpx.Response:
        return hub.ask("POST", path, who, content=jpeg, headers={"Content-Type": "image/jpeg"})

    assert send("officer").json()["sha256"] == hashlib.sha256(jpeg).hexdigest()
    assert send("viewer").status_code == HTTPStatus.FORBIDDEN
    assert send("south").status_code == HTTPStatus.NOT_FOUND
    assert li.log() == ["opened", "evidence"]
