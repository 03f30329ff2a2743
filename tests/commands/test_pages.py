"""The pages of commands, configuration and MQTT say what there is, and their examples are taken."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from hub.__main__ import COMMANDS
from hub.catalogue import Catalogue, Device
from hub.settings import SecretRef, Settings
from ingest.codec import REASONS, Arrival, Entry
from ingest.codecs import codecs

DOCS = Path(__file__).parents[2] / "docs"
COMMAND_PAGE = (DOCS / "commands.md").read_text(encoding="utf-8")
MQTT_PAGE = (DOCS / "mqtt.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)```", MQTT_PAGE, re.DOTALL)
RECEIVED = 1_795_401_800_000
KINDS = {"telemetry": "water", "position": "vehicle", "event": "air", "status": "camera"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_row(command: str) -> None:
    assert f"`hub {command}" in COMMAND_PAGE


def keys(model: type[BaseModel], path: str = "") -> list[str]:
    """Every key of the configuration; of lists of tables the keys of one."""
    found = []
    for name, field in model.model_fields.items():
        inner = [item for item in _models(field.annotation) if item is not SecretRef]
        found += [part for item in inner for part in keys(item, f"{path}{name}.")] if inner else [f"{path}{name}"]
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    parts = getattr(annotation, "__args__", (annotation,))
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]


def test_every_key_of_the_configuration_is_told() -> None:
    rows = {row.split("|")[1]: row for row in COMMAND_PAGE.splitlines() if row.startswith("| `")}
    for key in keys(Settings):
        table, name = key.rsplit(".", 1)
        listed = table in ("mappings", "incidents.clocks") or table.startswith("notify.")
        where = next((row for head, row in rows.items() if f"`{table if listed else key}`" in head), "")
        assert f"`{name}`" in where if listed else where, key


def test_every_reason_is_told() -> None:
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in MQTT_PAGE


@pytest.mark.parametrize(("message", "body"), EXAMPLES)
def test_every_example_is_taken_without_a_refusal(message: str, body: str) -> None:
    decoder = codecs()[message]
    entry = Entry(Device(f"d/{KINDS[message]}/x"), Catalogue())
    taken = decoder.decode(Arrival(body.strip().encode(), RECEIVED, RECEIVED + 600_000), entry)
    assert not taken.refusals, taken.refusals
    assert taken.readings or taken.events
    assert json.loads(body) is not None
