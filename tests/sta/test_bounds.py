"""Whatever is asked, the answer is an answer or an error that says where and what was expected; and it comes soon."""

import random
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.sta.budget import Budget
from api.sta.describe import Sensing
from api.sta.entities import Entity
from api.sta.error import StaError
from api.sta.evaluate import Condition, Evaluator
from api.sta.finder import Finder
from api.sta.model import TYPES
from api.sta.options import LEVELS, parse_options
from api.sta.routes import PREFIX
from tests.api.hub import NOW
from tests.sta.world import COUNT, PH, World

WRONG = [
    ("/Things?$filter=name eq", 7, "the end", "a property, a value, a function or ("),
    ("/Things?$filter=nme eq 'x'", 0, "'nme'", "one of id, name, description"),
    ("/Things?$filter=name eq 'x", 8, "'x", "a text that ends with a quote"),
    ("/Things?$filter=(name eq 'x'", 12, "the end", "')'"),
    ("/Things?$filter=name eq 'x' name", 12, "'name'", "the end of the option"),
    ("/Things?$filter=nope(name)", 0, "'nope'", "one of the functions ceiling, concat"),
    ("/Things?$filter=startswith(name)", 0, "'startswith'", "startswith with 2 arguments, not 1"),
    ("/Things?$filter=startswith(name,5)", 16, "'5'", "a text such as"),
    ("/Things?$filter=Datastreams/Observations/result gt 5", 12, "'Observations'", "filter Observations instead"),
    ("/Things?$filter=Datastreams/name/", 17, "the end", "the name of a member"),
    ("/Observations?$filter=phenomenonTime gt 2026-11-18T10:00:00", 18, "'2026-11-18T10:00:00'", "with its offset"),
    ("/Observations?$filter=phenomenonTime gt 2026-13-18T10:00:00Z", 18, "'2026-13-18T10:00:00Z'", "with its offset"),
    ("/Observations?$filter=phenomenonTime gt now() sub duration'1 day'", 28, "duration'1 day'", "such as PT10M"),
    ("/Locations?$filter=st_within(location,geography'POLYGON((1 2,3 4))')", 19, "geography", "POLYGON ((x y"),
    ("/Things?$orderby=name sideways", 5, "'sideways'", "the end of the option"),
    ("/Things?$orderby=Datastreams/name", 0, "'Datastreams'", "one value for each entity"),
    ("/Things?$top=-1", 0, "'-1'", "a whole number"),
    ("/Things?$top=many", 0, "'many'", "a whole number"),
    ("/Things?$skip=100001", 0, "'100001'", "a whole number from 0 to 100000"),
    ("/Things?$count=yes", 0, "'yes'", "true or false"),
    ("/Things?$select=name,size", 5, "'size'", "one of id, name"),
    ("/Things?$expand=Observations", 0, "'Observations'", "one of Locations, HistoricalLocations, Datastreams"),
    ("/Things?$expand=Datastreams($top=1;$top=2)", 19, "'$top'", "once"),
    ("/Things?$expand=Datastreams($top=1", 18, "the end", "';'"),
    ("/Things?$skiptoken=x", 0, "x", "the token of an @iot.nextLink"),
    ("/Things?resultFormat=dataArray", 0, "dataArray", "on a set of Observations"),
    ("/Things?$filter=name eq #", 8, "'#'", "a name, a number, a time"),
]


@pytest.mark.parametrize(("path", "position", "found", "expected"), WRONG)
def test_errors_say_where_what_and_what_was_expected(
    world: World, path: str, position: int, found: str, expected: str
) -> None:
    answer = world.asker.ask("GET", PREFIX + path.replace(" ", "%20").replace("#", "%23"), world.hub.tokens["admin"])
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["type"]) == (400, "error")
    assert body["parameter"] == path.partition("?")[2].partition("=")[0]
    assert body["position"] == position
    assert found in body["found"]
    assert expected in body["expected"]
    assert body["message"].startswith(f"{body['parameter']}, character {position}: found ")


def test_unknown_and_repeated_options_are_refused_and_other_parameters_passed_over(world: World) -> None:
    assert world.ask("/Things?$search=x").json()["expected"].startswith("$filter")
    assert world.ask("/Things?$top=1&$top=2").json()["message"] == "$top: given twice"
    assert world.ask("/Things?utm=x").status_code == 200
    assert world.ask(f"/Datastreams('{PH}')?resultFormat=dataArray").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/Things?$filter=" + "(" * 300 + "true" + ")" * 300,
        "/Things?$filter=" + "not " * 300 + "true",
        "/Things?$filter=" + " and ".join(["true"] * 3000),
        "/Things?$filter=name eq '" + "x" * 9000 + "'",
        "/Things?$expand=" + "Datastreams($expand=Thing($expand=" * LEVELS,
        "/Things?$expand=" + "Datastreams/Thing/" * LEVELS + "Locations",
        "/Things?$filter=1" + "0" * 4000 + " eq 1",
        "/" + "/".join(["Things('north~water~st-1')"] + ["Datastreams"] * 30),
    ],
)
def test_what_is_too_deep_or_too_long_is_refused(world: World, path: str) -> None:
    assert world.ask(path).status_code in (200, 400, 404, 413)


def test_work_is_bounded_and_the_error_says_what_is_allowed(world: World) -> None:
    sensing = Sensing(
        world.app.state.context, world.app.state.begins, None, "http://hub", Budget(world.hub.clock.monotonic, 500)
    )
    finder = Finder(sensing, Evaluator(sensing, sensing.budget, NOW))
    query = parse_options([("$filter", "length(concat(name,name)) gt 0")], TYPES["Datastream"])
    many = sensing.all(TYPES["Datastream"]) * 200
    with pytest.raises(StaError, match="or expand less"):
        finder.page(many, query)


WORDS = (
    *(
        "name",
        "id",
        "@iot.id",
        "result",
        "phenomenonTime",
        "Datastream",
        "Datastreams",
        "Thing",
        "Locations",
        "location",
    ),
    *(
        "Observations",
        "properties",
        "kind",
        "eq",
        "ne",
        "gt",
        "le",
        "and",
        "or",
        "not",
        "add",
        "mul",
        "div",
        "mod",
        "in",
    ),
    *(
        "(",
        ")",
        ",",
        "/",
        ";",
        "=",
        "*",
        "'x'",
        "''",
        "'",
        "5",
        "-5",
        "0",
        "1e309",
        "99999999999999999999",
        "null",
        "true",
    ),
    *("2026-11-18T10:00:00Z", "2026-11-18", "12:30", "duration'PT1M'", "duration'P'", "geography'POINT(1 2)'", "now()"),
    *(
        "geography'POLYGON((0 0,1 0,1 1,0 0))'",
        "st_within",
        "geo.distance",
        "length",
        "year",
        "substring",
        "date",
        "round",
    ),
    *(
        "$top=1",
        "$filter=",
        "$expand=",
        "$orderby=",
        "$select",
        "desc",
        "asc",
        "resultQuality",
        "valid",
        "\u6c34",
        "#",
        "\\",
    ),
)
SETS = ("Things", "Locations", "HistoricalLocations", "Datastreams", "Observations", "ObservedProperties")
OPTIONS = ("$filter", "$orderby", "$expand", "$select", "$skiptoken", "$top", "$skip", "resultFormat")


def test_no_question_is_a_fault_of_ours(world: World) -> None:
    chance = random.Random(7)
    answered = 0
    for _ in range(400):
        path = f"/{chance.choice(SETS)}?{chance.choice(OPTIONS)}={_soup(chance)}&$top=3"
        answer = world.ask(path)
        assert answer.status_code in (200, 400), (path, answer.text)
        answered += answer.status_code == 200
        assert "value" in answer.json() or answer.json()["message"], path
    assert answered


def test_no_option_breaks_the_parser() -> None:
    chance = random.Random(11)
    read = 0
    for _ in range(8000):
        kind = TYPES[chance.choice(tuple(TYPES))]
        with suppress(StaError):
            parse_options([(chance.choice(OPTIONS), _soup(chance))], kind)
            read += 1
    assert read


def _soup(chance: random.Random) -> str:
    return chance.choice((" ", "")).join(chance.choices(WORDS, k=chance.randint(1, 9)))


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_path_is_a_fault_of_ours(world: World, text: str) -> None:
    for path in (f"/{text}", f"/Things('{text}')", f"/Things('north~water~st-1')/{text}"):
        try:
            path.encode()
        except UnicodeEncodeError:
            return
        assert world.ask(path.replace("%", "%25").replace("#", "%23")).status_code < 500


TERMS = st.sampled_from(
    [
        *("result gt 7.5", "result le 8", "7.25 lt result", "not result ge 7.3", "result ne 7.4", "result eq 8.5"),
        *("phenomenonTime ge 2026-11-18T09:00:00Z", "resultTime lt 2026-11-18T10:30:30Z", "id ne 'x'", "1 eq 1"),
        *("resultQuality/valid eq true", "resultQuality/quality eq 'F'", "minute(phenomenonTime) mod 2 eq 0"),
        *(
            "Datastream/ObservedProperty/name eq 'ph'",
            "Datastream/Thing/properties/kind eq 'water'",
            "result mod 2 lt 1",
        ),
        *("FeatureOfInterest/id eq 'south~air~st-2'", "validTime eq null", "null eq 2", "now() lt phenomenonTime"),
    ]
)
EXPRESSIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda three: f"({' '.join(three)})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=5,
)


@given(EXPRESSIONS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_what_the_store_answers_is_what_each_value_would(world: World, expression: str, descending: bool) -> None:
    sensing = Sensing(
        world.app.state.context, world.app.state.begins, None, "http://hub", Budget(world.hub.clock.monotonic, 1 << 60)
    )
    evaluator = Evaluator(sensing, sensing.budget, NOW)
    everything = _everything(sensing, evaluator)
    options = [("$filter", expression), ("$top", "1000"), ("$count", "true")]
    if descending:
        options.append(("$orderby", "phenomenonTime desc"))
    query = parse_options(options, TYPES["Observation"])
    assert query.filter is not None
    condition = Condition.of(query.filter)
    expected = [one.id for one in everything if evaluator.holds(condition, one)]
    found = Finder(sensing, evaluator).page(sensing.scope(TYPES["Observation"], None), query)
    assert found.count == len(expected)
    assert [one.id for one in found.entities] == (expected[::-1] if descending else expected)[:1000]


def _everything(sensing: Sensing, evaluator: Evaluator) -> list[Entity]:
    finder, scope = Finder(sensing, evaluator), sensing.scope(TYPES["Observation"], None)
    query = parse_options([("$top", "1000")], TYPES["Observation"])
    first = finder.page(scope, query)
    assert first.last is not None
    following = parse_options([("$top", "1000"), ("$skip", "1000")], TYPES["Observation"])
    whole = [*first.entities, *finder.page(scope, following).entities]
    assert len(whole) == 6 * COUNT
    assert all((one.of.time, one.id) < (other.of.time, other.id) for one, other in pairwise(whole))  # type: ignore[union-attr]
    return whole
