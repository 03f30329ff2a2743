"""Receivers and their tests: who may see and try them, masked addresses, the vendor's own words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.hub import Hub, make_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = make_hub(tmp_path)
    yield made
    made.close()


def test_receivers_are_listed_with_masked_addresses(hub: Hub) -> None:
    items = hub.get("/v1/notify/receivers").json()["items"]
    assert [(item["name"], item["channel"], item["addresses"]) for item in items] == [
        ("duty-group", "dingtalk-robot", ["https://oapi.dingtalk.com/robot/send"]),
        ("duty-phone", "sms", ["138****0001"]),
    ]
    assert (items[0]["rates"], items[0]["waiting"], items[0]["stopped"]) == (["20/min"], 0, False)
    assert items[0]["last_delivery"] is None


def test_a_test_answers_in_the_vendors_own_words(hub: Hub) -> None:
    taken = hub.ask("POST", "/v1/notify/receivers/duty-group/test").json()
    assert (taken["taken"], taken["status"], taken["answer"]) == (True, "delivered", "ok")
    refused = hub.ask("POST", "/v1/notify/receivers/duty-phone/test").json()
    assert (refused["taken"], refused["status"], refused["address"]) == (False, "refused", "138****0001")
    assert refused["answer"] == "isv.MOBILE_NUMBER_ILLEGAL 非法手机号"


def test_a_test_counts_as_any_notice_does(hub: Hub) -> None:
    statuses = [hub.ask("POST", "/v1/notify/receivers/duty-group/test").json()["status"] for _ in range(21)]
    assert statuses == ["delivered"] * 20 + ["held"]


@pytest.mark.parametrize("path", ["nobody/test", "duty-phone/test?place=2"])
def test_what_is_not_there_is_said_so(hub: Hub, path: str) -> None:
    assert hub.ask("POST", f"/v1/notify/receivers/{path}").status_code == 404
