"""Webhooks against a real HTTP server that takes, refuses, hangs and lies."""

import base64
from collections.abc import Iterator

import pytest

from alerts.channel import ChannelError, Notification
from alerts.channels.webhook import Webhook
from alerts.standard_webhooks import sign
from alerts.ways import shown_address
from hub.errors import ConfigError
from hub.settings import HubSection, NotifySection, SecretRef, Settings, WebhookSection
from tests.alerts.vendors import SECRET, Vendor
from tests.engines import wait_until

NOTICE = Notification(
    key="0123456789abcdef",
    type="incident.opened",
    receiver="ops",
    address="http://ops",
    subject="zhenhai-20260101-1",
    created=1_767_225_600_000,
    at=1_767_225_601_500,
    data={"incident": {"id": "x", "number": "zhenhai-20260101-1"}, "alert": None},
)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    opened = Vendor()
    yield opened
    opened.close()


def settings_for(url: str, timeout: float = 5.0) -> Settings:
    section = WebhookSection(name="ops", url=url, secret=SecretRef(env="OPS_SECRET"), levels=(1, 2))
    return Settings(hub=HubSection(district="zhenhai"), notify=NotifySection(webhooks=(section,), timeout=timeout))


@pytest.fixture
def webhook(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("OPS_SECRET", SECRET)
    opened = Webhook(settings_for(vendor.url, timeout=0.3))
    yield opened
    opened.close()


def refusal(webhook: Webhook) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        webhook.send(NOTICE)
    return caught.value


def test_a_receiver_gets_a_signed_cloudevent(webhook: Webhook, vendor: Vendor) -> None:
    receipt = webhook.send(NOTICE)
    assert (receipt.status, receipt.code) == ("delivered", 204)
    [call] = vendor.calls
    assert call.path == "/hook?token=hidden"
    assert call.headers["content-type"].startswith("application/cloudevents+json")
    assert call.headers["webhook-id"] == NOTICE.key
    assert call.headers["webhook-timestamp"] == "1767225601"
    assert call.signed()
    assert not call.signed(b"another secret")
    assert call.event == {
        "specversion": "1.0",
        "id": NOTICE.key,
        "source": "/hub/zhenhai",
        "type": "incident.opened",
        "subject": "zhenhai-20260101-1",
        "time": "2026-01-01T08:00:00+08:00",
        "datacontenttype": "application/json",
        "data": NOTICE.data,
    }


def test_the_body_and_the_id_are_the_same_at_every_try(webhook: Webhook, vendor: Vendor) -> None:
    webhook.send(NOTICE)
    webhook.send(NOTICE)
    first, second = vendor.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example that the specification's libraries test themselves with.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("code", "permanent", "ends"),
    [
        (400, True, False),
        (404, True, False),
        (410, True, True),
        (301, True, False),
        (429, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
def test_the_answer_says_whether_another_try_helps(
    webhook: Webhook, vendor: Vendor, code: int, permanent: bool, ends: bool
) -> None:
    vendor.usual = code
    error = refusal(webhook)
    assert (error.code, error.permanent, error.ends, error.unsure) == (code, permanent, ends, False)
    assert error.answer == f"answer {code}"


def test_a_wish_to_wait_is_heard(webhook: Webhook, vendor: Vendor) -> None:
    vendor.usual = vendor.busy
    assert refusal(webhook).wait == 7.0


@pytest.mark.parametrize("behaviour", ["hang", "garbage", "hang_up"])
def test_silence_and_nonsense_are_unsure_and_tried_again(webhook: Webhook, vendor: Vendor, behaviour: str) -> None:
    vendor.usual = getattr(vendor, behaviour)
    error = refusal(webhook)
    assert (error.permanent, error.unsure, error.code) == (False, True, None)
    assert error.answer


def test_an_endless_answer_does_not_hold_us(webhook: Webhook, vendor: Vendor) -> None:
    vendor.usual = vendor.endless
    receipt = webhook.send(NOTICE)
    assert receipt.status == "delivered"
    assert len(receipt.answer) <= 500


def test_nobody_listening_is_surely_not_delivered(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_SECRET", SECRET)
    error = refusal(Webhook(settings_for(f"http://127.0.0.1:{free_port}/hook")))
    assert (error.permanent, error.unsure) == (False, False)


def test_a_receiver_no_longer_in_the_settings_is_said_so() -> None:
    error = refusal(Webhook(Settings()))
    assert error.permanent
    assert "settings" in error.answer


def test_secrets_in_the_url_are_not_shown(webhook: Webhook, vendor: Vendor) -> None:
    [receiver] = webhook.receivers()
    assert receiver.addresses == (vendor.url.partition("?")[0],)
    assert (receiver.levels, receiver.people) == ((1, 2), False)
    assert shown_address("https://user:pw@host:8443/a/b?key=1#x") == "https://host:8443/a/b"


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_%%%"])
def test_a_secret_of_another_form_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("OPS_SECRET", secret)
    with pytest.raises(ConfigError, match="whsec_BASE64") as caught:
        Webhook(settings_for("http://host/hook"))
    assert secret == "whsec_" or secret not in str(caught.value)


@pytest.mark.parametrize("url", ["", "ftp://host/x", "host/hook", "http://", "http://host:99999/x"])
def test_a_url_that_cannot_be_called_stops_the_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OPS_SECRET", SECRET)
    with pytest.raises(ConfigError, match="expected http://host/path"):
        Webhook(settings_for(url))


def test_a_connection_is_kept_and_made_anew_when_the_receiver_closed_it(webhook: Webhook, vendor: Vendor) -> None:
    vendor.answers = [200, 503, vendor.farewell, 200]
    webhook.send(NOTICE)
    assert refusal(webhook).code == 503
    webhook.send(NOTICE)
    wait_until(lambda: vendor.open == 0)
    webhook.send(NOTICE)
    assert (len(vendor.calls), vendor.accepted) == (4, 2)
