"""What is asked of a logger: the exchange 9011, data, 9012; time-outs, repetitions, and what the hub asks by itself."""

from typing import Any

import pytest

from ingest.field.session import Progress, Send
from ingest.protocols.hj212.commands import NAMES
from ingest.protocols.hj212.downlink import REPLY_MS, RESULT_MS
from ingest.protocols.hj212.gaps import A_HOUR, SETTLE_MS
from ingest.protocols.hj212.times import HOUR, MINUTE, read_time, write_time
from tests.protocols.hj212.rig import MN, NOW, Talk, device, real_time, sent

ARGUMENTS: dict[str, dict[str, Any]] = {
    "timeout.set": {"seconds": 5, "retries": 3},
    "clock.get": {"pollutant": "w01018"},
    "interval.set": {"seconds": 30},
    "minute_interval.set": {"minutes": 10},
    "password.set": {"password": "654321"},
    "data.query": {"kind": "minute", "begin": "2016-08-01T08:40:00+08:00", "end": "2016-08-01T08:40:00+08:00"},
    "calibrate": {"pollutant": "w01018"},
    "sample.now": {"pollutant": "w01018"},
    "purge": {"pollutant": "w01018"},
    "sample.compare": {"pollutant": "w01018"},
    "sample_period.set": {"pollutant": "w01018", "start": "000000", "hours": 2},
    "sample_period.get": {"pollutant": "w01018"},
    "turnaround.get": {"pollutant": "w01018"},
    "device.identify": {"pollutant": "w01018"},
    "site.read": {"pollutant": "w01018", "information": "i11001"},
    "site.write": {"pollutant": "w01018", "information": "i13004", "value": "168.0"},
}
CONTENTS = {
    "timeout.set": ("1000", "OverTime=5;ReCount=3"),
    "clock.get": ("1011", "PolId=w01018"),
    "clock.set": ("1012", f"SystemTime={write_time(NOW)}"),
    "interval.get": ("1061", ""),
    "interval.set": ("1062", "RtdInterval=30"),
    "minute_interval.get": ("1063", ""),
    "minute_interval.set": ("1064", "MinInterval=10"),
    "password.set": ("1072", "NewPW=654321"),
    "realtime.start": ("2011", ""),
    "realtime.stop": ("2012", ""),
    "plant.start": ("2021", ""),
    "plant.stop": ("2022", ""),
    "data.query": ("2051", "BeginTime=20160801084000;EndTime=20160801084000"),
    "calibrate": ("3011", "PolId=w01018"),
    "sample.now": ("3012", "PolId=w01018"),
    "purge": ("3013", "PolId=w01018"),
    "sample.compare": ("3014", "PolId=w01018"),
    "sample.retain": ("3015", ""),
    "sample_period.set": ("3016", "PolId=w01018;CstartTime=000000;Ctime=2"),
    "sample_period.get": ("3017", "PolId=w01018"),
    "turnaround.get": ("3018", "PolId=w01018"),
    "device.identify": ("3019", "PolId=w01018"),
    "site.read": ("3020", "PolId=w01018;InfoId=i11001"),
    "site.write": ("3021", "PolId=w01018;InfoId=i13004;i13004-Info=168.0"),
}


def connected(**link: Any) -> Talk:
    """A logger that has sent a record, and been answered."""
    talk = Talk(device(**link))
    talk.upload("2011", real_time(NOW))
    talk.durable()
    return talk


def reply(talk: Talk, cn: str, cp: str, request: dict[str, str], **head: Any) -> None:
    talk.upload(cn, cp, QN=request["QN"], Flag=4, **({"ST": "91"} | head))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_goes_down_as_the_standard_writes_it(name: str) -> None:
    talk = connected()
    [request] = sent(talk.ask(name, **ARGUMENTS.get(name, {})))
    cn, cp = CONTENTS[name]
    assert request == {"QN": request["QN"], "ST": "32", "CN": cn, "PW": "123456", "MN": MN, "Flag": "5", "CP": cp}
    assert len(request["QN"]) == 17
    assert talk.steps() == ["sent"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("reboot", {}),
        ("interval.set", {"seconds": 29}),
        ("interval.set", {"seconds": "30"}),
        ("interval.set", {}),
        ("minute_interval.set", {"minutes": 7}),
        ("password.set", {"password": "12;456"}),
        ("data.query", {"kind": "week", "begin": 0, "end": 1}),
        ("data.query", {"kind": "hour", "begin": 5, "end": 1}),
        ("data.query", {"kind": "hour", "begin": "yesterday", "end": 1}),
        ("site.write", {"pollutant": "w01018", "information": "i1", "value": "1;CN=1"}),
        ("calibrate", {}),
        ("interval.get", {"seconds": 5}),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_and_nothing_is_sent(name: str, arguments: dict[str, Any]) -> None:
    talk = connected()
    actions = talk.ask(name, **arguments)
    assert talk.steps() == ["refused"]
    assert not sent(actions)


def test_a_query_is_accepted_its_records_are_stored_and_it_ends() -> None:
    talk = connected()
    [request] = sent(talk.ask("data.query", kind="hour", begin=NOW - 3 * HOUR, end=NOW - HOUR))
    reply(talk, "9011", "QnRtn=1", request)
    for hours in (3, 2):
        cp = f"DataTime={write_time(NOW - hours * HOUR)};w01001-Avg=7.1"
        talk.upload("2061", cp, QN=request["QN"], Flag=5, PNUM=None)
    reply(talk, "9012", "ExeRtn=1", request)
    assert talk.steps() == ["sent", "accepted", "done"]
    [done] = [one for one in talk.actions if isinstance(one, Progress) and one.state == "done"]
    assert done.values == {"records": 2}
    assert [one.names for one in talk.readings[1:]] == [("ph_hour",)] * 2
    assert [one["CN"] for one in sent(talk.durable())] == ["9014"]


def test_what_a_device_answers_is_in_the_result() -> None:
    talk = connected()
    [request] = sent(talk.ask("interval.get"))
    reply(talk, "9011", "QnRtn=1", request)
    reply(talk, "1061", "RtdInterval=30", request, ST="32")
    reply(talk, "9012", "ExeRtn=1", request)
    assert [one.values for one in talk.actions if isinstance(one, Progress)][-1] == {"RtdInterval": "30"}
    [request] = sent(talk.ask("device.identify", command="c2", pollutant="w01018"))
    reply(talk, "9011", "QnRtn=1", request)
    reply(talk, "3019", "PolId=w01018;w01018-SN=SN1", request, ST="32")
    reply(talk, "9012", "ExeRtn=1", request)
    assert [one.values for one in talk.actions if isinstance(one, Progress)][-1]["w01018-SN"] == "SN1"
    assert talk.notes[-1].type == "device_identity"


@pytest.mark.parametrize(
    ("replies", "steps", "word"),
    [
        ([("9011", "QnRtn=2")], ["sent", "refused"], "refused"),
        ([("9011", "QnRtn=3")], ["sent", "refused"], "wrong PW"),
        ([("9011", "QnRtn=1"), ("9012", "ExeRtn=5")], ["sent", "accepted", "failed"], "busy"),
        ([("9011", "QnRtn=1"), ("9012", "ExeRtn=100")], ["sent", "accepted", "failed"], "no data"),
        ([("9012", "ExeRtn=1")], ["sent", "done"], "done"),
    ],
)
def test_a_device_s_word_is_told(replies: list[tuple[str, str]], steps: list[str], word: str) -> None:
    talk = connected()
    [request] = sent(talk.ask("interval.get"))
    for cn, cp in replies:
        reply(talk, cn, cp, request)
    assert talk.steps() == steps
    assert [one.detail for one in talk.actions if isinstance(one, Progress)][-1].endswith(word)


def test_a_notice_ends_with_9013_and_a_start_with_9011() -> None:
    talk = connected()
    [request] = sent(talk.ask("realtime.stop"))
    reply(talk, "9013", "", request)
    [request] = sent(talk.ask("realtime.start", command="c2"))
    reply(talk, "9011", "QnRtn=1", request)
    assert (talk.steps(), talk.steps("c2")) == (["sent", "done"], ["sent", "accepted", "done"])


def test_an_unanswered_request_is_repeated_three_times_with_the_same_qn() -> None:
    talk = connected()
    first = sent(talk.ask("interval.get"))
    again = sent(talk.later(4 * REPLY_MS))
    assert again == first * 3
    assert talk.steps() == ["sent", "failed"]


def test_a_device_that_accepts_and_then_says_nothing_has_failed() -> None:
    talk = connected()
    [request] = sent(talk.ask("sample.now", pollutant="w01018"))
    reply(talk, "9011", "QnRtn=1", request)
    talk.later(RESULT_MS)
    assert talk.steps() == ["sent", "accepted", "failed"]
    late = talk.upload("9012", "ExeRtn=1", QN=request["QN"], ST="91", Flag=4)
    assert not [one for one in late if isinstance(one, Progress)]


def test_commands_wait_for_each_other_and_some_expire() -> None:
    talk = connected()
    [first] = sent(talk.ask("interval.get"))
    assert not sent(talk.ask("minute_interval.get", command="c2"))
    assert not sent(talk.ask("clock.get", command="c3", lasts=1000))
    talk.later(2000)
    reply(talk, "9011", "QnRtn=1", first)
    reply(talk, "9012", "ExeRtn=1", first)
    [second] = [one for one in sent(talk.actions) if one["CN"] == "1063"]
    assert second["QN"] > first["QN"]
    reply(talk, "9011", "QnRtn=1", second)
    reply(talk, "9012", "ExeRtn=1", second)
    assert talk.steps("c2") == ["queued", "sent", "accepted", "done"]
    assert talk.steps("c3") == ["queued", "expired"]


def test_what_is_under_way_when_the_line_breaks_has_failed() -> None:
    talk = connected()
    talk.ask("interval.get")
    talk.ask("clock.get", command="c2")
    steps = [one for one in talk.session.closed(NOW) if isinstance(one, Progress)]
    assert [(one.command, one.state) for one in steps] == [("c1", "failed"), ("c2", "failed")]


def test_a_command_before_the_device_has_said_who_it_is_is_refused() -> None:
    talk = Talk()
    talk.ask("clock.get")
    assert talk.steps() == ["refused"]


def test_a_new_password_is_taken_at_once_and_shown_nowhere() -> None:
    talk = connected()
    actions = talk.ask("password.set", password="654321")
    [request] = sent(actions)
    assert not [one for one in actions if isinstance(one, Send) and b"654321" in (one.shown or b"")]
    reply(talk, "9011", "QnRtn=1", request, PW="654321")
    reply(talk, "9012", "ExeRtn=1", request, PW="654321")
    assert talk.steps() == ["sent", "accepted", "done"]
    assert sent(talk.ask("interval.get", command="c2"))[0]["PW"] == "654321"
    talk.upload("2011", real_time(NOW + 1000), PW="654321")
    assert len(talk.readings) == 2
    assert not any("654321" in str(one) for one in talk.actions if isinstance(one, Progress))


def test_a_calibration_asked_for_is_answered_and_then_done() -> None:
    talk = Talk()
    talk.upload("1013", "")
    notice, clock = sent(talk.durable())
    assert notice["CN"] == "9013"
    assert (clock["CN"], clock["CP"]) == ("1012", f"SystemTime={write_time(NOW)}")


def test_after_power_up_the_hub_sets_time_outs_clock_and_interval() -> None:
    talk = Talk()
    talk.upload("2081", f"DataTime={write_time(NOW)};RestartTime={write_time(NOW - 60_000)}")
    answer, *requests = sent(talk.durable())
    assert talk.notes[0].type == "logger_restarted"
    found = [answer["CN"]]
    while requests:
        request = requests.pop()
        found.append(f"{request['CN']} {request['CP']}")
        before = len(talk.actions)
        reply(talk, "9011", "QnRtn=1", request)
        reply(talk, "9012", "ExeRtn=1", request)
        requests += sent(talk.actions[before:])
    assert found == ["9014", "1000 OverTime=10;ReCount=3", f"1012 SystemTime={write_time(NOW)}", "1062 RtdInterval=60"]
    assert all(one.command.startswith("auto:") for one in talk.actions if isinstance(one, Progress))


# --- missing periods


def hour_data(talk: Talk, time: int, **head: Any) -> None:
    talk.upload("2061", f"DataTime={write_time(time)};w01001-Avg=7.1,w01001-Flag=N", **head)


def test_a_gap_is_asked_for_by_the_hub_itself() -> None:
    talk = connected()
    hour_data(talk, NOW - 6 * HOUR)
    hour_data(talk, NOW - 2 * HOUR)
    assert not sent(talk.later(SETTLE_MS - 1))
    [request] = sent(talk.later(1))
    assert request["CN"] == "2061"
    assert request["CP"] == f"BeginTime={write_time(NOW - 5 * HOUR)};EndTime={write_time(NOW - 3 * HOUR)}"
    reply(talk, "9011", "QnRtn=1", request)
    for hours in (5, 4, 3):
        hour_data(talk, NOW - hours * HOUR, QN=request["QN"])
    reply(talk, "9012", "ExeRtn=1", request)
    assert len(talk.readings) == 6
    assert not sent(talk.later(2 * HOUR))[3:]
    [command] = {one.command for one in talk.actions if isinstance(one, Progress)}
    assert command.startswith("auto:data.query:")
    assert talk.steps(command) == ["sent", "accepted", "done"]


def test_what_comes_late_by_itself_is_not_asked_for() -> None:
    talk = connected()
    hour_data(talk, NOW - 4 * HOUR)
    hour_data(talk, NOW - 1 * HOUR)
    hour_data(talk, NOW - 3 * HOUR)
    hour_data(talk, NOW - 2 * HOUR)
    assert not sent(talk.later(2 * HOUR))


def test_a_gap_over_a_broken_line_is_seen_after_it() -> None:
    first = connected()
    hour_data(first, NOW - 6 * HOUR)
    first.session.closed(NOW)
    second = Talk(protocol=first.protocol)
    hour_data(second, NOW - 2 * HOUR)
    assert [one["CN"] for one in sent(second.later(SETTLE_MS))] == ["2061"]


def test_the_interval_of_minute_data_is_learnt_from_it() -> None:
    talk = connected()
    start = read_time("20161123090000")

    def minute_data(minutes: int) -> None:
        talk.upload("2051", f"DataTime={write_time(start + minutes * MINUTE)};w01001-Avg=7")

    for minutes in (0, 10, 20, 50, 60):
        minute_data(minutes)
    [request] = sent(talk.later(SETTLE_MS))
    assert request["CP"] == f"BeginTime={write_time(start + 30 * MINUTE)};EndTime={write_time(start + 40 * MINUTE)}"


def test_no_data_is_asked_for_once_and_silence_a_few_times() -> None:
    talk = connected()
    hour_data(talk, NOW - 4 * HOUR)
    hour_data(talk, NOW - 2 * HOUR)
    [request] = sent(talk.later(SETTLE_MS))
    reply(talk, "9011", "QnRtn=1", request)
    reply(talk, "9012", "ExeRtn=100", request)
    assert not sent(talk.later(3 * HOUR))
    hour_data(talk, NOW)
    silent = sent(talk.later(HOUR))
    assert len({one["QN"] for one in silent}) == 3


def test_a_device_is_asked_no_more_than_its_budget() -> None:
    talk = connected()
    for number in range(30):
        hour_data(talk, NOW - (100 - 3 * number) * HOUR)
    for _ in range(40):
        for request in sent(talk.later(SETTLE_MS)):
            reply(talk, "9012", "ExeRtn=100", request)
    assert len({one["QN"] for one in sent(talk.actions) if one["CN"] == "2061"}) == A_HOUR


def test_a_device_of_which_nothing_is_to_be_asked_is_not_asked() -> None:
    talk = connected(backfill=False)
    hour_data(talk, NOW - 6 * HOUR)
    hour_data(talk, NOW - 2 * HOUR)
    assert not sent(talk.later(3 * HOUR))
