"""The house rules that can be measured: rooms, sizes, names, and what no file may hold."""

import ast
import importlib
import re
import statistics
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("alerts", "api", "hub", "ingest", "processors", "simulators", "storage", "vision")
FOLDERS = {*ROOMS, "benchmarks", "deploy", "docs", "tests"}
OUTSIDE = {"build", "data"}  # made here, ignored by git

# Tables of facts may be long: they are looked up, not read.
FACTS: set[str] = set()

FUNCTION_P90, FUNCTION_LONGEST = 30, 60
FILE_MEDIAN, FILE_LONGEST = 150, 400

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "base", "common", "misc"}

# Spelt in pieces, so that this file is clean itself.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("proxy", "golang", "org"),
        ("maven", "apache", "org", "maven2"),
        ("repo1", "maven"),
        ("crates", "io"),
        ("registry", "npmjs"),
        ("deb", "debian"),
    )
)
WORKPLACE = re.compile(r"(?<![\w.])/(work|root)/|\.\./shared/|\bissue #?\d", re.IGNORECASE)

TEXT = {".py", ".md", ".toml", ".sh", ".html", ".js", ".css", ".txt", ".json", ".csv", ".mako", ".svg", ""}
GENERATED = {"constraints.txt", "constraints-dev.txt"}


@cache
def _sources(*folders: str) -> dict[str, ast.Module]:
    """Every Python file below the folders: path from the root, and its tree."""
    files = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in files}


def _texts() -> Iterator[tuple[str, str]]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    files += [path for path in ROOT.iterdir() if path.name not in GENERATED]
    for path in files:
        ours = "vendor" not in path.parts and "__pycache__" not in path.parts
        if ours and path.is_file() and path.suffix in TEXT:
            yield path.relative_to(ROOT).as_posix(), path.read_text(errors="replace")


def _lengths(trees: dict[str, ast.Module]) -> dict[str, int]:
    return {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _imports(tree: ast.Module) -> set[str]:
    """The top-level names of all that a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything called or read as `name.attribute`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)


def _words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, small."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


# --- rooms ------------------------------------------------------------------------------------------------------------


def test_the_top_holds_the_rooms_and_nothing_else() -> None:
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    unknown = {name for name in found - FOLDERS - OUTSIDE if not name.endswith(".egg-info")}
    assert not unknown, f"folders that are no room: {sorted(unknown)}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_ours_alone(room: str) -> None:
    # A foreign wheel with a package of the same name would silently take its place.
    owners = set(packages_distributions().get(room, ())) - {"streamwarden"}
    assert not owners, f"{room} is also installed by {sorted(owners)}"
    module_file = importlib.import_module(room).__file__
    assert module_file is not None
    assert Path(module_file).is_relative_to(ROOT)


@pytest.mark.parametrize(
    ("engine", "rooms", "homes"),
    [
        ("influxdb_client", ("storage",), "storage/influx"),
        ("sqlalchemy", ("storage",), "storage/records"),
        ("aiokafka", ("hub",), "hub/buses/kafka"),
    ],
)
def test_an_engine_has_one_home_in_its_room(engine: str, rooms: tuple[str, ...], homes: str) -> None:
    strangers = [
        path for path, tree in _sources(*rooms).items() if engine in _imports(tree) and not path.startswith(homes)
    ]
    assert not strangers, f"{engine} belongs in {homes}*"


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [ROOMS, ("tests", "benchmarks")], ids=["rooms", "tests"])
def test_functions_are_small(folders: tuple[str, ...]) -> None:
    lengths = _lengths(_sources(*folders))
    long = {name: length for name, length in lengths.items() if length > FUNCTION_LONGEST}
    assert not long, f"over {FUNCTION_LONGEST} lines"
    ninth = statistics.quantiles(lengths.values(), n=10, method="inclusive")[-1]
    assert ninth <= FUNCTION_P90, f"one function in ten is longer than {ninth:.0f} lines"


@pytest.mark.parametrize("folders", [ROOMS, ("tests", "benchmarks")], ids=["rooms", "tests"])
def test_files_are_small(folders: tuple[str, ...]) -> None:
    lengths = {path: (ROOT / path).read_text().count("\n") for path in _sources(*folders)}
    long = {path: length for path, length in lengths.items() if length > FILE_LONGEST and path not in FACTS}
    assert not long, f"over {FILE_LONGEST} lines"
    assert statistics.median(lengths.values()) <= FILE_MEDIAN


def test_every_table_of_facts_is_still_a_long_one() -> None:
    short = {path for path in FACTS if (ROOT / path).read_text().count("\n") <= FILE_LONGEST}
    assert not short, "they need no exemption"


# --- names ------------------------------------------------------------------------------------------------------------


def test_names_say_something() -> None:
    found = [
        f"{path}: {name}"
        for path, tree in _sources(*FOLDERS).items()
        for name in [*path.removesuffix(".py").split("/"), *(n.name for n in tree.body if isinstance(n, ast.ClassDef))]
        if _words(name) & EMPTY_NAMES
    ]
    assert not found, f"names without meaning; none of {sorted(EMPTY_NAMES)} says what a thing is"


def test_every_public_method_has_its_sentence_here_or_in_the_interface_it_fulfils() -> None:
    methods = [
        (f"{path}:{method.lineno}", method.name, ast.get_docstring(method) is not None)
        for path, tree in _sources(*ROOMS).items()
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef) and not owner.name.startswith("_")
        for method in owner.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not method.name.startswith("_")
    ]
    told = {name for _, name, has_sentence in methods if has_sentence}
    silent = [f"{where} {name}" for where, name, has_sentence in methods if not has_sentence and name not in told]
    assert not silent, "one plain sentence each"


# --- what no file may hold --------------------------------------------------------------------------------------------


def test_no_registry_host_and_no_workplace_is_named() -> None:
    found = [
        f"{path}: {hit}"
        for path, text in _texts()
        for hit in [*(host for host in HOSTS if host in text), *(m.group() for m in WORKPLACE.finditer(text))]
    ]
    assert not found, "the tree is for every machine and every network"


def test_no_exception_is_swallowed() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in _sources(*FOLDERS).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler | ast.Call) and _swallows(node)
    ]
    assert not found, "say what follows from the failure, or suppress the one exception that is expected"


def _swallows(node: ast.ExceptHandler | ast.Call) -> bool:
    match node:
        case ast.ExceptHandler(body=[ast.Pass()]) | ast.ExceptHandler(body=[ast.Expr(value=ast.Constant())]):
            return True
        case ast.Call(func=ast.Attribute(attr="suppress") | ast.Name(id="suppress"), args=args):
            return any(isinstance(arg, ast.Name) and arg.id in {"Exception", "BaseException"} for arg in args)
        case _:
            return False


def test_settings_come_in_by_the_door() -> None:
    inner = [room for room in ROOMS if room != "hub"]
    found = [
        f"{path}:{line} {name}"
        for path, tree in _sources(*inner).items()
        for line, name in _calls(tree)
        if name in {"os.environ", "os.getenv"} and not path.endswith("/__main__.py")
    ]
    assert not found, "only hub and a program's own door read the environment; the rooms are given their settings"


def test_processors_and_vision_take_time_and_chance_as_arguments() -> None:
    clocks = re.compile(r"(time\.time(_ns)?|(datetime|dt)(\.datetime)?\.(now|utcnow)|random\.\w+)$")
    found = [
        f"{path}:{line} {name}"
        for path, tree in _sources("processors", "vision").items()
        for line, name in _calls(tree)
        if clocks.fullmatch(name)
    ]
    assert not found, "the time is the data's own, so a replay gives the same answer"


def test_no_test_uses_a_mock_or_waits_by_sleeping() -> None:
    waiting = "tests/engines/waiting.py"
    found = [f"{path}: mock" for path, tree in _sources("tests").items() if _imports_mock(tree)]
    found += [
        f"{path}:{line} {name}"
        for path, tree in _sources("tests").items()
        for line, name in _calls(tree)
        if name == "time.sleep" and path != waiting
    ]
    assert not found, f"use the shipped fakes, and wait_until of {waiting}"


def _imports_mock(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module == "unittest.mock" or (node.module == "unittest" and "mock" in {a.name for a in node.names}))
        for node in ast.walk(tree)
    )
