"""What every channel promises, each beside its own vendor: the one suite that a new channel has to pass."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from alerts.channel import Channel, ChannelError, Notification
from alerts.channels import discover
from tests.alerts.vendors import Vendor
from tests.alerts.vendors.rigs import LINK, NUMBER, RIGS, Rig

SAID = {
    "number": NUMBER,
    "level": "II",
    "time": "07:59",
    "place": "s1",
    "value": "2.4",
    "limit": "2",
    "link": LINK,
}


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest) -> Rig:
    return RIGS[request.param]


def refusal(channel: Channel, notice: Notification) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(notice)
    return caught.value


def script(rig: Rig, vendor: Any, mood: str) -> None:
    if isinstance(vendor, Vendor):
        vendor.answers.append(getattr(vendor, mood))
    else:
        vendor.script[rig.step].append(mood)


def taken(vendor: Any) -> list[str]:
    return [call.body.decode() for call in vendor.calls] if isinstance(vendor, Vendor) else vendor.texts


def test_every_channel_has_its_rig() -> None:
    assert {each.kind for each in discover()} == {rig.kind for rig in RIGS.values()}


def test_what_is_taken_says_number_level_time_place_value_limit_and_link(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        receipt = channel.send(rig.notice())
        [text] = taken(vendor)
    assert receipt.status in {"delivered", "accepted"}
    assert bool(receipt.vendor_id) == rig.vendor_id
    assert [part for part in sorted(rig.parts) if SAID[part] not in text] == []


def test_a_text_of_any_length_is_cut_to_what_the_vendor_takes_and_keeps_number_and_link(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        channel.send(rig.notice(reason="水样浑浊，河面有大量漂浮物。" * 400))
        [text] = taken(vendor)
    assert NUMBER in text
    assert LINK in text or "link" not in rig.parts


def test_the_test_notice_is_known_as_one(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = rig.notice(type="hub.test")
    notice.data["alert"] = None
    with rig.up(monkeypatch) as (channel, vendor):
        channel.send(notice)
        [text] = taken(vendor)
    assert "测试" in text or "hub.test" in text or "sms" in rig.kind


@pytest.mark.parametrize("mood", ["hang", "garbage", "hang_up", "half"])
def test_silence_and_nonsense_are_unsure_and_tried_again(rig: Rig, mood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if rig.kind == "webhook" and mood == "half":
        pytest.skip("a webhook's status alone says that it was taken")
    if rig.kind == "voice" and mood == "half":
        pytest.skip("the gateway's status alone says that it was taken")
    with rig.up(monkeypatch, timeout=0.3) as (channel, vendor):
        script(rig, vendor, mood)
        error = refusal(channel, rig.notice())
        assert (error.permanent, error.unsure) == (False, True)
        assert error.answer
        vendor.released.set()


def test_a_refusal_is_final_in_the_vendors_own_words(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        rig.refused(vendor)
        error = refusal(channel, rig.notice())
    assert (error.permanent, error.unsure) == (True, False)
    assert error.answer


def test_a_busy_vendor_is_asked_again_when_it_wants(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        rig.busy(vendor)
        error = refusal(channel, rig.notice())
    assert (error.permanent, error.unsure, error.wait) == (False, False, rig.wait or error.wait)


def test_nobody_listening_is_surely_not_delivered(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        vendor.close()
        error = refusal(channel, rig.notice())
        assert (error.permanent, error.unsure) == (False, False)
        with pytest.raises(ChannelError):
            channel.reach("duty")


def test_what_answers_is_reached_and_gets_no_notice(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        channel.reach("duty")
        assert taken(vendor) == []


def test_a_receiver_no_longer_in_the_settings_is_said_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, _):
        error = refusal(channel, rig.notice(receiver="gone"))
    assert error.permanent
    assert "settings" in error.answer


def test_no_secret_is_shown_even_by_a_vendor_that_says_them_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        secrets = [value.rpartition("=")[2] or value for value in rig.secrets(vendor).values()]
        shown = [str(list(channel.receivers())), repr(channel)]
        if hasattr(vendor, "requests"):
            vendor.script[rig.step].append("echo")
            error = refusal(channel, rig.notice())
            shown += [error.answer, str(error), repr(error.__cause__)]
    assert [word for word in secrets if any(word in text for text in shown)] == []


def test_the_words_are_the_same_at_every_try(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        for attempt in (1, 2):
            channel.send(rig.notice(attempt=attempt, at=rig.notice().at + attempt * 60_000))
        assert len(set(taken(vendor))) == 1


def test_many_threads_may_send_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig.up(monkeypatch) as (channel, vendor):
        notices = [rig.notice(key=f"{n:032x}", created=rig.notice().created + n * 1000) for n in range(12)]
        with ThreadPoolExecutor(6) as pool:
            receipts = list(pool.map(channel.send, notices))
        assert len(receipts) == len(taken(vendor)) == 12
        assert getattr(vendor, "tokens", 0) <= 1


def test_a_receiver_hears_of_its_levels_and_departments_and_at_its_rates(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: dict[str, Any] = {"levels": [1], "departments": ["north"], "rates": ["7/min"], "address_rates": []}
    with rig.up(monkeypatch, **limits) as (channel, _):
        [receiver] = channel.receivers()
    assert (receiver.levels, receiver.departments) == ((1,), ("north",))
    assert (receiver.rates, receiver.address_rates) == (("7/min",), ())
    assert receiver.people == (rig.kind != "webhook")


def test_people_may_be_told_in_english(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    if rig.kind == "webhook":
        pytest.skip("programs are told in no language")
    with rig.up(monkeypatch, language="en") as (channel, vendor):
        channel.send(rig.notice())
        [text] = taken(vendor)
    assert "Ammonia nitrogen 2.4" in text
    assert "Level II" in text
