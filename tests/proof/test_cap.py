"""Messages are CAP 1.2 whatever they tell of, and say who, what, where and how bad as the standard spells it."""

from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmlschema import XMLSchema

from alerts.proof.cap import (
    ENDED,
    NAMESPACE,
    Area,
    Sender,
    Subject,
    Version,
    cap_message,
    identifier,
    message_type,
    moment,
    parse_identifier,
)
from alerts.states import STATES
from tests.proof.casefile import HOSTILE

SCHEMA = XMLSchema(Path(__file__).with_name("cap-1.2.xsd"))
ZONE = ZoneInfo("Asia/Shanghai")
SENDER = Sender.of("zhenhai", ZONE, "https://hub.example.gov.cn:8443/x")
AT = 1_795_000_000_000
PLACE = Area("三号站", (121.6, 29.95))
SUBJECT = Subject("zhenhai-20261118-3", "epb", "water", "st-3", PLACE, AT - 60_000, "nh3_n")
N = {"c": NAMESPACE}


def _version(seq: int, state: str = "detected", level: int = 2, **more: object) -> Version:
    return Version(seq, AT + seq * 1000, state, level, 1, 1, "opened", **more)  # type: ignore[arg-type]


def _valid(message: bytes) -> ET.Element:
    SCHEMA.validate(message.decode())
    return ET.fromstring(message)  # noqa: S314 - our own


def _text(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, N)]


def test_a_new_incident_is_an_alert() -> None:
    root = _valid(cap_message(SUBJECT, [_version(1, value=2.4, limit=2.0, unit="mg/L")], SENDER))
    head = {name: _text(root, f"c:{name}") for name in ("identifier", "sender", "sent", "status", "msgType", "scope")}
    assert head == {
        "identifier": ["zhenhai-20261118-3.1"],
        "sender": ["zhenhai@hub.example.gov.cn:8443"],
        "sent": ["2026-11-18T19:06:41+08:00"],
        "status": ["Actual"],
        "msgType": ["Alert"],
        "scope": ["Restricted"],
    }
    assert _text(root, "c:info/c:language") == ["zh-CN", "en"]
    assert _text(root, "c:info/c:event") == ["氨氮超标", "Ammonia nitrogen: limit exceeded"]
    assert _text(root, "c:info/c:severity") == ["Severe"] * 2
    assert _text(root, "c:info/c:certainty") == ["Likely"] * 2
    assert _text(root, "c:info/c:area/c:circle") == ["29.950000,121.600000 0.5"] * 2
    values = dict(
        zip(_text(root, "c:info/c:parameter/c:valueName"), _text(root, "c:info/c:parameter/c:value"), strict=True)
    )
    assert (values["alertLevel"], values["value"], values["limit"]) == ("Orange", "2.4 mg/L", "2 mg/L")
    assert root.find("c:references", N) is None


def test_how_it_goes_on_refers_to_what_was_said() -> None:
    versions = [_version(1), _version(2, "acknowledged"), _version(5, "closed", reason="清理完毕")]
    update = _valid(cap_message(SUBJECT, versions[:2], SENDER))
    assert _text(update, "c:msgType") == ["Update"]
    cancel = _valid(cap_message(SUBJECT, versions, SENDER))
    assert _text(cancel, "c:msgType") == ["Cancel"]
    assert _text(cancel, "c:note") == ["已办结 / Closed: 清理完毕"]
    assert _text(cancel, "c:info/c:responseType") == ["AllClear"] * 2
    sender = "zhenhai@hub.example.gov.cn:8443"
    assert _text(cancel, "c:references") == [
        f"{sender},zhenhai-20261118-3.1,2026-11-18T19:06:41+08:00 {sender},zhenhai-20261118-3.2,2026-11-18T19:06:42+08:00"
    ]
    again = [*versions, _version(6, "detected")]
    assert _text(_valid(cap_message(SUBJECT, again, SENDER)), "c:msgType") == ["Alert"]


def test_a_ring_is_closed_and_latitude_comes_first() -> None:
    ring = ((121.6, 29.9), (121.7, 29.9), (121.7, 30.0))
    subject = Subject("n-1", "d", "water", "x", Area("段", rings=(ring,)), AT)
    root = _valid(cap_message(subject, [_version(1)], SENDER))
    polygon = "29.900000,121.600000 29.900000,121.700000 30.000000,121.700000 29.900000,121.600000"
    assert _text(root, "c:info/c:area/c:polygon") == [polygon] * 2


def test_utc_is_written_as_the_standard_wants_it() -> None:
    assert moment(AT, ZoneInfo("UTC")) == "2026-11-18T11:06:40-00:00"


@pytest.mark.parametrize("text", [HOSTILE, "", "]]>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "\ud800", "\x0b\x00"])
def test_hostile_words_stay_words(text: str) -> None:
    subject = Subject("n-1", text or "d", "camera", text, Area(text or "x"), AT, type=text, text=text)
    root = _valid(cap_message(subject, [_version(1, reason=text), _version(2, "rejected", reason=text)], SENDER))
    assert {one.tag.partition("}")[2] for one in root.iter()} & {"script", "x"} == set()


_WORDS = st.text(max_size=20)
_VERSIONS = st.lists(
    st.builds(
        Version,
        st.integers(1, 999),
        st.integers(0, AT * 2),
        st.sampled_from(STATES),
        st.integers(1, 4),
        st.integers(1, 4),
        st.integers(1, 9),
        _WORDS,
        _WORDS,
        st.none() | st.floats(),
        st.none() | st.floats(),
        _WORDS,
        _WORDS,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(_WORDS, _WORDS.filter(bool), _VERSIONS, st.sampled_from(["Asia/Shanghai", "UTC", "America/St_Johns"]))
def test_every_message_keeps_to_the_schema(text: str, place: str, versions: list[Version], zone: str) -> None:
    subject = Subject("d-1", "d", "vehicle", text, Area(place, (-121.6, -29.95)), AT, None, text, text)
    sender = Sender.of(text or "d", ZoneInfo(zone), "")
    root = _valid(cap_message(subject, versions, sender))
    kind = _text(root, "c:msgType")[0]
    assert kind == message_type(versions)
    assert (kind == "Cancel") == (versions[-1].state in ENDED)
    assert (root.find("c:references", N) is not None) == (len(versions) > 1)


@given(st.text(), st.integers(0, 10**8))
def test_an_identifier_is_read_as_it_was_written(number: str, seq: int) -> None:
    written = identifier(number or "x", seq)
    assert not set(written) & set(" ,<&")
    parsed = parse_identifier(written)
    assert parsed is not None
    assert parsed[1] == seq
    assert parse_identifier("x.") is None
    assert parse_identifier("1") is None
