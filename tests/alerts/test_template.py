"""Templates and conditions: words in their places, mistakes named at the start, answers judged."""

import pytest

from alerts.calling import Reply
from alerts.template import Condition, as_json, check_template, escaping, fill, in_header, in_url
from hub.errors import ConfigError

ANSWER = Reply(200, '{"code": "0", "data": [{"id": "m-1"}], "msg": "提交成功"}', "")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("status == 200", True),
        ('status in [200, 202] and $.code == "0"', True),
        ("$.code == 0", False),
        ('$.code in [0, "0"]', True),
        ('$.data[0].id contains "m-"', True),
        ('$.data[3].id == "m-1"', False),
        ('$.code != "0" or text contains "成功"', True),
        ('$.code != "0" or status == 500', False),
    ],
)
def test_a_condition_judges_an_answer(text: str, holds: bool) -> None:
    condition = Condition.parse(text, "success")
    assert condition is not None
    assert condition.holds(ANSWER, as_json(ANSWER)) is holds


@pytest.mark.parametrize(
    "text", ["yes", "status = 200", "status == ", "status == 200 and", "a == 1", "status == 1 and $.a == 2 or $.b == 3"]
)
def test_what_is_no_condition_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="is no condition"):
        Condition.parse(text, "success")


def test_words_are_escaped_for_where_they_stand() -> None:
    words = {"text": 'a "b"\n&<c>', "secret.key": "s/1"}
    assert fill('{"t":"{text}"}', words, escaping("application/json")) == '{"t":"a \\"b\\"\\n&<c>"}'
    assert fill("t={text}", words, escaping("application/x-www-form-urlencoded")) == "t=a+%22b%22%0A%26%3Cc%3E"
    assert fill("<t>{text}</t>", words, escaping("text/xml")) == '<t>a "b"\n&amp;&lt;c&gt;</t>'
    assert fill("https://x/{secret.key}", words, in_url) == "https://x/s%2F1"
    assert fill("{text:4}", words, in_header) == 'a "'


def test_a_word_nobody_knows_is_named_with_those_that_are_known() -> None:
    [fault] = check_template("{txt} {text}", {"text": "x"}, "body")
    assert "{txt}" in fault.message
    assert "text" in fault.message
