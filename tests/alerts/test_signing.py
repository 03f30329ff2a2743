"""Signatures against the examples that the vendors publish, and the wire of SMPP against its specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.signing import (
    aliyun_headers,
    aliyun_query,
    dingtalk_query,
    feishu_fields,
    private_dingtalk_headers,
    tencent_authorization,
)
from alerts.smpp.pdu import MANY_PARTS, ONE_PART, Address, Pdu, bind_body, pieces, submits


def test_aliyun_signs_as_its_page_on_v3_shows() -> None:
    # "V3 request structure and signature", the example with fixed parameters.
    query = aliyun_query({"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"})
    headers = aliyun_headers(
        "YourAccessKeyId",
        "YourAccessKeySecret",
        "ecs.cn-shanghai.aliyuncs.com",
        "RunInstances",
        "2014-05-26",
        query,
        at=1_698_315_752_000,
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    assert headers["x-acs-date"] == "2023-10-26T10:22:32Z"
    assert headers["authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencent_signs_as_its_page_on_v3_shows() -> None:
    # "Signature v3", the example of DescribeInstances; its keys are the page's own examples.
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    signed = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    words = tencent_authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        "cvm",
        signed,
        body,
        1_551_113_065,
    )
    assert words == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_robots_sign_time_and_secret() -> None:
    assert dingtalk_query("SECx", 1_767_225_601_500).startswith("timestamp=1767225601500&sign=")
    assert feishu_fields("x", 1_767_225_601_500)["timestamp"] == "1767225601"


def test_the_private_edition_says_its_time_in_china() -> None:
    headers = private_dingtalk_headers("k", "s", "POST", "/x", {"b": "2", "a": "1"}, at=1_767_225_601_500, nonce="n")
    assert headers["X-Hmac-Auth-Timestamp"] == "2026-01-01T08:00:01.500+08:00"


def test_a_bind_is_laid_out_as_smpp_says() -> None:
    # SMPP v3.4, clause 3.2.4: the specification's own example of a bind_transmitter.
    words = "SMPP3TEST", "secret08", "SUBMIT1"
    body = bind_body(*words)
    assert body[-4:] == b"\x34\x00\x00\x00"  # the version, and no address; the example has version 0 and 1, 1
    frame = Pdu(2, 0, 1, body[:-4] + b"\x00\x01\x01\x00").encode()
    assert frame == bytes.fromhex(
        "0000002F 00000002 00000000 00000001 534D50503354455354 00 7365637265743038 00 5355424D495431 00 00 01 01 00"
    )
    assert Pdu.decode(frame).sequence == 1


@given(st.binary(max_size=80))
def test_what_is_no_unit_is_said_so(octets: bytes) -> None:
    try:
        pdu = Pdu.decode(octets)
    except ValueError:
        return
    assert pdu.encode() == octets


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(1, 6))
def test_pieces_fit_a_short_message_and_make_the_text_again(text: str, most: int) -> None:
    found = pieces(text, most)
    longest = ONE_PART if len(found) == 1 and found[0] == text else MANY_PARTS
    assert len(found) <= most
    assert all(len(piece.encode("utf-16-be")) // 2 <= longest for piece in found)
    whole = "".join(found)
    assert whole == text or (whole.endswith("…") and text.startswith(whole[:-1]))


@pytest.mark.parametrize("udh", [True, False])
def test_pieces_carry_one_reference_and_their_places(udh: bool) -> None:
    bodies = submits(Address(0, 0, "1069"), Address(1, 1, "8613800000001"), "告警" * 60, 0xAB, 4, udh=udh)
    assert len(bodies) == 2
    for number, body in enumerate(bodies, 1):
        mark = (
            bytes((5, 0, 3, 0xAB, 2, number))
            if udh
            else b"\x02\x0c\x00\x02\x00\xab\x02\x0e\x00\x01\x02\x02\x0f\x00\x01"
        )
        assert mark in body
        assert body.endswith(bytes((number,))) or udh


def test_a_number_that_is_no_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match="ascii"):
        Address(0, 0, "一二三").encode()
    with pytest.raises(ValueError, match="does not fit"):
        Address(0, 0, "1" * 21).encode()
