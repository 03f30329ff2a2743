"""What a data message becomes: properties, units, flags, times; by the table of the standard and by what the register says of a device."""

import math

import pytest

from hub.catalogue import Catalogue, Datastream, Device
from hub.link import FieldLink
from hub.model import QUALITY_LETTERS
from ingest.codec import Entry, Taken
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.readings import Reader
from ingest.protocols.hj212.times import DAY, HOUR, read_time

MN = "010000A8900016F000169DC0"
AT = read_time("20160801085857")
FOREVER = 1 << 60


def entry(
    *, kind: str = "source", auto: bool = False, streams: dict[str, Datastream] | None = None, **link: object
) -> Entry:
    device = Device(
        f"eco/{kind}/outlet-1",
        zone="Europe/Berlin",  # a site's zone changes nothing: the standard's times are GMT+8
        auto_properties=auto,
        link=FieldLink("hj212", MN, **link),  # type: ignore[arg-type]
        datastreams=streams or {},
    )
    catalogue = Catalogue()
    catalogue.devices[device.station] = device
    return Entry(device, catalogue)


def read(cp: str, cn: str = "2011", st: str = "32", whose: Entry | None = None, *, times: int = 3) -> Taken:
    """What the content becomes; read several times, because the usual way is taken only then."""
    reader = Reader()
    whose = whose or entry()
    packet = Packet(st, cn, MN, cp=cp)
    dialect = reader.dialect(whose)
    found = [reader.read(packet, whose, dialect, FOREVER) for _ in range(times)]
    for taken in found[1:]:
        assert [str(reading) for reading in taken.readings] == [str(reading) for reading in found[0].readings]
        assert list(map(str, taken.refusals)) == list(map(str, found[0].refusals))
    return found[-1]


def values(taken: Taken) -> dict[str, float]:
    return {name: value for one in taken.readings for name, value in zip(one.names, one.values, strict=True)}


def letters(taken: Taken) -> dict[str, str]:
    return {
        name: QUALITY_LETTERS[code]
        for one in taken.readings
        for name, code in zip(one.names, one.quality or (0,) * len(one.names), strict=True)
    }


def test_real_time_values_stand_at_data_time_in_gmt_8() -> None:
    taken = read("DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-Rtd=45.2,w01018-Flag=T")
    [reading] = taken.readings
    assert reading.time == AT
    assert values(taken) == {"ph": 7.1, "cod": 45.2}
    assert letters(taken) == {"ph": "N", "cod": "T"}


def test_a_value_sampled_earlier_stands_at_its_sample_time() -> None:
    taken = read(
        "DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;"
        "w01018-SampleTime=20160801070000,w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01"
    )
    assert [(one.time, one.names) for one in taken.readings] == [
        (read_time("20160801070000"), ("cod",)),
        (AT, ("ph",)),
    ]


@pytest.mark.parametrize(("cn", "period"), [("2051", "minute"), ("2061", "hour"), ("2031", "day")])
def test_period_data_has_names_of_its_own_at_the_start_of_the_period(cn: str, period: str) -> None:
    taken = read(
        "DataTime=20160801080000;w01018-Cou=10.5,w01018-Min=40.1,w01018-Avg=41.0,w01018-Max=42.0,w01018-Flag=N", cn
    )
    assert values(taken) == {
        f"cod_{period}_sum": 10.5,
        f"cod_{period}_min": 40.1,
        f"cod_{period}": 41.0,
        f"cod_{period}_max": 42.0,
    }
    assert set(letters(taken).values()) == {"N"}
    assert taken.readings[0].time == read_time("20160801080000")


def test_converted_values_are_properties_of_their_own() -> None:
    hour = read(
        "DataTime=20160801080000;a21026-Avg=30.0,a21026-ZsAvg=36.0,a21026-ZsMax=50.0,a21026-Flag=N", "2061", "31"
    )
    assert values(hour) == {
        "flue_gas_so2_hour": 30.0,
        "flue_gas_so2_converted_hour": 36.0,
        "flue_gas_so2_converted_hour_max": 50.0,
    }
    assert values(read("DataTime=20160801085857;a21026-ZsRtd=36", "2011", "31")) == {"flue_gas_so2_converted": 36.0}


def test_gases_of_a_stack_and_of_the_street_are_two_things() -> None:
    cp = "DataTime=20160801085857;a21026-Rtd=0.035,a21026-Flag=N"
    assert values(read(cp, st="31")) == {"flue_gas_so2": 0.035}
    assert values(read(cp, st="22")) == {"so2": 35.0}  # mg/m3 in the standard, ug/m3 in the catalogue


@pytest.mark.parametrize(
    ("code", "sent", "name", "kept"),
    [
        ("w20111", "5", "mercury", 0.005),
        ("w20117", "50", "cr6", 0.05),
        ("a01006", "101.3", "pressure", 1013.0),
        ("a34004", "35", "pm2_5", 35.0),
        ("B01", "12.5", "outlet_flow", 12.5),
        ("011", "231.0", "cod", 231.0),
        ("O3", "90", "o3", 90.0),
    ],
)
def test_units_of_the_standard_become_the_catalogue_s(code: str, sent: str, name: str, kept: float) -> None:
    assert values(read(f"DataTime=20160801085857;{code}-Rtd={sent}")) == pytest.approx({name: kept})


def test_the_flow_of_a_river_is_no_effluent() -> None:
    assert values(read("DataTime=20160801085857;w00000-Rtd=2500", st="21")) == {"flow": 2.5}


def test_the_register_gives_a_device_units_and_codes_of_its_own() -> None:
    whose = entry(
        units={"a34004": "mg/m3", "w00000": "m3/h"},
        factors={"ele01": "power", "w00000": "outlet_flow"},
        streams={"power": Datastream(unit="kW")},
    )
    cp = "DataTime=20160801085857;a34004-Rtd=0.035;w00000-Rtd=3.6;ele01-Rtd=1"
    assert values(read(cp, whose=whose)) == pytest.approx({"pm2_5": 35.0, "outlet_flow": 1.0, "power": 1.0})


def test_a_unit_that_cannot_become_the_property_s_is_refused() -> None:
    taken = read("DataTime=20160801085857;w01001-Rtd=7;w01018-Rtd=40", whose=entry(units={"w01018": "mV"}))
    assert values(taken) == {"ph": 7.0}
    assert [refused.reason for refused in taken.refusals] == ["bad_unit"]


def test_an_unknown_factor_is_refused_and_the_known_ones_are_kept() -> None:
    taken = read("DataTime=20160801085857;w99999-Rtd=1,w99999-Flag=N;w01001-Rtd=7.1,w01001-Flag=N")
    assert values(taken) == {"ph": 7.1}
    assert {refused.reason for refused in taken.refusals} == {"unknown_property"}


def test_a_device_that_may_send_anything_names_it_by_the_code() -> None:
    taken = read("DataTime=20160801085857;ele01-Rtd=1;ele02-Rtd=0", whose=entry(auto=True))
    assert values(taken) == {"ele01": 1.0, "ele02": 0.0}


@pytest.mark.parametrize(
    ("flag", "letter"),
    [(one, one) for one in "NFMSDCTB"]
    + [("n", "N"), ("P", "D"), ("O", "N"), ("0", "C"), ("1", "N"), ("2", "D"), ("3", "N")],
)
def test_data_flags_are_quality_letters(flag: str, letter: str) -> None:
    taken = read(f"DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag={flag}")
    assert letters(taken) == {"ph": letter}


def test_no_flag_is_no_letter_and_an_unknown_one_is_refused() -> None:
    assert letters(read("DataTime=20160801085857;w01001-Rtd=7.1")) == {"ph": ""}
    taken = read("DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=X;w01018-Rtd=40,w01018-Flag=N")
    assert values(taken) == {"cod": 40.0}
    assert [refused.reason for refused in taken.refusals] == ["bad_value"]


@pytest.mark.parametrize("cp", ["w01001-Flag=B", "w01001-Rtd=,w01001-Flag=B"])
def test_a_flag_without_a_value_says_that_nothing_was_measured(cp: str) -> None:
    taken = read(f"DataTime=20160801085857;{cp};w01018-Rtd=40,w01018-Flag=N")
    assert math.isnan(values(taken)["ph"])
    assert letters(taken) == {"cod": "N", "ph": "B"}
    assert not taken.refusals


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1_0", "1e999", "0x10", "１"])
def test_what_is_no_number_is_refused(text: str) -> None:
    taken = read(f"DataTime=20160801085857;w01001-Rtd={text};w01018-Rtd=40")
    assert values(taken) == {"cod": 40.0}
    assert [refused.reason for refused in taken.refusals] == ["bad_value"]


@pytest.mark.parametrize("time", ["", "DataTime=20161301000000;", "DataTime=19991231000000;"])
def test_a_message_without_a_time_gives_no_reading(time: str) -> None:
    taken = read(f"{time}w01001-Rtd=7.1")
    assert not taken.readings
    assert [refused.reason for refused in taken.refusals] == ["bad_time"]


def test_a_time_in_the_future_is_refused() -> None:
    reader, whose = Reader(), entry()
    packet = Packet("32", "2011", MN, cp="DataTime=20160801085857;w01001-Rtd=7.1")
    taken = reader.read(packet, whose, reader.dialect(whose), AT - 1)
    assert [refused.reason for refused in taken.refusals] == ["future_time"]


def test_dialects_of_the_field_and_of_the_standard_s_own_examples() -> None:
    assert values(read("DataTime=20160801085857; LA-Rtd=50.1", st="23")) == {"noise": 50.1}
    assert values(read("DataTime=20160801085857,w01001-Rtd=7.1;")) == {"ph": 7.1}
    assert values(read("DataTime=20160824003817000;B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N")) == {
        "outlet_flow": 36.91,
        "cod": 231.0,
    }


def test_a_factor_that_stands_twice_is_taken_once() -> None:
    taken = read("DataTime=20160801085857;w01001-Rtd=7.1;w01001-Rtd=7.2")
    assert values(taken) == {"ph": 7.1}
    assert [refused.reason for refused in taken.refusals] == ["bad_value"]


def test_an_attribute_of_other_data_is_refused() -> None:
    taken = read("DataTime=20160801080000;w01001-Rtd=7.1,w01001-Avg=7.2", "2061")
    assert values(taken) == {"ph_hour": 7.2}
    assert [refused.reason for refused in taken.refusals] == ["bad_value"]


def test_several_records_in_one_message_have_their_own_times() -> None:
    taken = read("DataTime=20160801090000;w01001-Avg=7.2;DataTime=20160801080000;w01001-Avg=7.1", "2061")
    assert [(one.time, one.values) for one in taken.readings] == [
        (read_time("20160801080000"), (7.1,)),
        (read_time("20160801080000") + HOUR, (7.2,)),
    ]


def test_noise_of_a_day_is_told_by_day_and_by_night() -> None:
    taken = read("DataTime=20160801000000;Leq-DayData=55.2,Leq-NightData=44.1;L10-Data=60", "2031", "23")
    assert values(taken) == {"noise_ld_day": 55.2, "noise_ln_day": 44.1, "noise_l10_day": 60.0}


def test_plants_run_or_not_and_for_how_long() -> None:
    state = read("DataTime=20160801085857;SB1-RS=1;SB12-RS=0", "2021")
    assert values(state) == {"facility_running_1": 1.0, "facility_running_12": 0.0}
    hours = read("DataTime=20160801000000;SB1-RT=20.5", "2041")
    assert values(hours) == {"facility_run_time_1": 20.5}
    assert hours.readings[0].time % DAY == DAY - 8 * HOUR


def test_the_usual_way_says_what_the_slow_way_says_for_changing_values() -> None:
    reader, whose = Reader(), entry()
    dialect = reader.dialect(whose)
    for number in range(6):
        cp = f"DataTime=2016080108585{number};w01001-Rtd={number},w01001-Flag={'NNNTXN'[number]};w01018-Rtd=4{number}"
        taken = reader.read(Packet("32", "2011", MN, cp=cp), whose, dialect, FOREVER)
        assert values(taken)["cod"] == 40 + number
        assert ("ph" in values(taken)) == (number != 4)


def test_devices_of_one_dialect_share_what_was_worked_out_and_others_never_do() -> None:
    reader = Reader(most=2)
    plain, other = entry(), entry(units={"w01018": "ug/L"})
    first = reader.dialect(plain)
    assert reader.dialect(entry(streams={"ph": Datastream(low=5.0)})) == first
    numbers = {reader.dialect(entry(units={"w01018": unit})) for unit in ("g/L", "ug/L", "ng/L", "kg/m3", "g/m3")}
    assert len(numbers | {first}) == 6
    packet = Packet("32", "2011", MN, cp="DataTime=20160801085857;w01018-Rtd=40")
    for _ in range(4):
        assert values(reader.read(packet, plain, first, FOREVER)) == {"cod": 40.0}
        assert values(reader.read(packet, other, reader.dialect(other), FOREVER)) == {"cod": 0.04}
