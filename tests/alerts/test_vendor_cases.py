"""What vendors say and what is made of it: each case is data, played by a fake vendor on a real socket."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from alerts.channel import ChannelError
from tests.alerts.vendors.rigs import RIGS

FILES = sorted((Path(__file__).parents[1] / "cases" / "channels").glob("*.toml"))
CASES = [case for file in FILES for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]]


def test_there_are_many_and_every_rig_but_the_webhooks_has_some() -> None:
    assert len(CASES) >= 40
    assert {case["rig"] for case in CASES} == set(RIGS) - {"webhook"}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['rig']}: {case['name']}" for case in CASES])
def test_what_a_vendor_says_is_understood(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    rig = RIGS[case["rig"]]
    with rig.up(monkeypatch, timeout=2.0, **case.get("settings", {})) as (channel, vendor):
        for name, value in case.get("vendor", {}).items():
            setattr(vendor, name, value)
        vendor.script[case.get("at", rig.step)] += [step if step != "" else None for step in case.get("script", [])]
        reason = "河面有大量漂浮物，" * 40 if case.get("reason") else ""
        told = {"address": case["address"]} if "address" in case else {}
        notice = rig.notice(attempt=case.get("attempt", 1), reason=reason, **told)
        if reason:
            notice.data["incident"]["target"]["device"] = "s" * 120
        if "status" in case:
            receipt = channel.send(notice)
            assert receipt.status == case["status"]
            assert receipt.vendor_id == case.get("vendor_id", receipt.vendor_id)
            assert receipt.code == case.get("code", receipt.code)
            assert case.get("text", "") in "".join(vendor.texts)
        else:
            with pytest.raises(ChannelError) as caught:
                channel.send(notice)
            judge(case, caught.value)
        if "requests" in case:
            assert len(vendor.requests) == case["requests"]


def judge(case: dict[str, Any], error: ChannelError) -> None:
    """What the error says of the next try, beside what the case expects; what it is silent of is no."""
    expected = {"permanent": False, "unsure": False, "busy": "", "wait": 0.0}
    for name, usual in expected.items():
        assert getattr(error, name) == case.get(name, usual), (name, error.answer)
    assert error.code == case.get("code", error.code)
    assert case.get("answer", "") in error.answer
