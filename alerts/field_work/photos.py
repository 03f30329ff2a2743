"""Photos as evidence: what they are by their content, when and where they say they were taken, and what is strange about them.

The bytes are kept as they came, with everything in them: a photo that was touched proves nothing.
"""

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, UnidentifiedImageError

from alerts.field_work.ground import Place
from alerts.field_work.screen import looks_like_text
from hub.errors import HubError

LIMIT: Final = 12 << 20
"""The most bytes of one photo; a phone's own camera makes 3 to 8 MB, and the phone page sends 300 KB at most."""

JPEG_PIXELS: Final = 220_000_000  # is decoded at an eighth of its size: 200 megapixel cameras exist
PIXELS: Final = 30_000_000
FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

_HEIF: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_SMALL: Final = 512


class PhotoRefused(HubError):
    """The photo cannot be evidence: `why` is empty, too-large, format, heic, broken or hash."""

    def __init__(self, why: str, detail: str, zh: str) -> None:
        self.why = why
        self.zh = zh
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that was looked at; `captured` (epoch ms) and `place` are what its EXIF says, None where it says nothing.

    `zoned` tells whether the time came with its offset; without one it was read in the site's zone.
    """

    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    captured: int | None = None
    zoned: bool = False
    place: Place | None = None
    warnings: tuple[str, ...] = field(default=())


def examine(data: bytes, zone: ZoneInfo, claimed: str | None = None) -> Photo:
    """Look at a photo; `claimed` is the SHA-256 that the sender made of it.

    Raises:
        PhotoRefused: it is too large, no whole JPEG, PNG or WebP, or not what was claimed.
    """
    if not data:
        raise PhotoRefused("empty", "There is no photo in the request", "请求中没有照片")
    if len(data) > LIMIT:
        detail, zh = f"A photo may have {LIMIT} bytes, this one has {len(data)}", f"照片不能超过 {LIMIT >> 20} MB"
        raise PhotoRefused("too-large", detail, zh)
    sha256 = hashlib.sha256(data).hexdigest()
    if claimed is not None and claimed != sha256:
        detail = f"The photo's SHA-256 is {sha256}, not {claimed}: it was changed on the way"
        raise PhotoRefused("hash", detail, "照片校验值（SHA-256）不符，传输中被改动，请重新上传")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        zh = "不支持 HEIC/AVIF 照片：请在手机相机设置中选择“兼容性最佳”（JPEG），或用任务页面拍照"
        raise PhotoRefused("heic", "HEIC and AVIF are not taken: send JPEG, PNG or WebP", zh)
    return _looked_at(data, sha256, zone)


def _looked_at(data: bytes, sha256: str, zone: ZoneInfo) -> Photo:
    try:
        with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as image:
            kind, (width, height) = image.format or "", image.size
            _bounded(kind, width * height)
            captured, zoned, place = _exif(image.getexif(), zone)
            small = _thumbnail(image)
    except PhotoRefused:
        raise
    except UnidentifiedImageError as error:
        zh = "不是 JPEG、PNG 或 WebP 照片"
        raise PhotoRefused("format", "It is no JPEG, PNG or WebP", zh) from error
    except (OSError, ValueError, SyntaxError, ArithmeticError, Image.DecompressionBombError) as error:
        # What Pillow raises on broken files differs by format and by where they are broken.
        raise PhotoRefused("broken", f"The photo is broken or cut off: {error}", "照片已损坏或不完整") from error
    warnings = ("looks_like_text",) if looks_like_text(small) else ()
    return Photo(sha256, FORMATS[kind], len(data), width, height, captured, zoned, place, warnings)


def _bounded(kind: str, pixels: int) -> None:
    most = JPEG_PIXELS if kind == "JPEG" else PIXELS
    if pixels > most:
        detail = f"A {kind} photo may have {most} pixels, this one has {pixels}"
        raise PhotoRefused("too-large", detail, f"照片像素过多（{pixels}），不能超过 {most}")


def _thumbnail(image: Image.Image) -> Image.Image:
    """The whole photo read, small: a file that was cut off does not get past this."""
    image.draft("RGB", (_SMALL, _SMALL))
    image.load()
    small = image.convert("RGB")
    small.thumbnail((_SMALL, _SMALL))
    return small


def preview(data: bytes, side: int) -> bytes:
    """The picture as a JPEG whose longer side is `side` pixels at most, turned upright.

    Raises:
        PhotoRefused: it is no picture.
    """
    try:
        with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as image:
            _bounded(image.format or "", image.width * image.height)
            image.draft("RGB", (side, side))
            turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
            turn = turned.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            small = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, ArithmeticError, Image.DecompressionBombError) as error:
        raise PhotoRefused("broken", "It is no picture that can be shown", "无法显示该图片") from error
    small.thumbnail((side, side))
    out = io.BytesIO()
    (small if turn is None else small.transpose(turn)).save(out, "JPEG", quality=62, optimize=True, progressive=True)
    return out.getvalue()


def _exif(exif: Image.Exif, zone: ZoneInfo) -> tuple[int | None, bool, Place | None]:
    """When and where, as Exif 2.32 writes it; nonsense there is as good as nothing."""
    inner, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = _offset(inner.get(ExifTags.Base.OffsetTimeOriginal) or inner.get(ExifTags.Base.OffsetTime))
    return _moment(written, offset or zone), offset is not None, _place(gps)


def _moment(written: object, zone: ZoneInfo | timezone) -> int | None:
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.strptime(written.strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
        return int(moment.astimezone(UTC).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None


def _offset(written: object) -> timezone | None:
    text = written.strip("\0 ") if isinstance(written, str) else ""
    if len(text) != 6 or text[0] not in "+-" or text[3] != ":" or not (text[1:3] + text[4:]).isdigit():
        return None
    minutes = int(text[1:3]) * 60 + int(text[4:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes)) if minutes < 24 * 60 else None


def _place(gps: dict[int, object]) -> Place | None:
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
        return None if lon == lat == 0 else Place(lon, lat)  # 0, 0: the receiver had no fix
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _degrees(parts: object, letter: object, negative: str) -> float:
    if not isinstance(parts, tuple):
        raise TypeError("degrees, minutes and seconds are three numbers")
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if letter == negative else value
