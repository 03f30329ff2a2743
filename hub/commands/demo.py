"""`hub demo`: everything embedded, a simulated district, one box with address, login and stop key."""

import base64
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.commands.up import NotReady, prepare
from hub.config import load_settings
from hub.files import write_json, write_private
from hub.roles import parts_of
from hub.supervise import Announcement, Plan
from hub.supervisor import part_command
from simulators.patrol import PATROL_VARIABLE
from simulators.publisher import PASSWORD_VARIABLE

_LOOPBACK: Final = "127.0.0.1"
_PATROL_PORT: Final = 18_099
_FIELD_PORTS: Final = {"hj212": 9212, "jt808": 9808, "sl651": 9651}
_NONE: Final[Mapping[str, int]] = {}
_GATEWAY: Final = "zhenhai%2Fsource%2Fsimulator"

CONFIGURATION: Final = """\
# Written by `hub demo` at each start.
[hub]
district = "zhenhai"
name_zh = "镇海 · 智感中枢"
name_en = "Zhenhai"
zone = "Asia/Shanghai"
data = "."
rules = "rules"

[engines]
mqtt = "embedded://127.0.0.1:{mqtt}"

[ingest]
password = {{ file = "secrets/mqtt" }}

[serve]
listen = "127.0.0.1:{http}"

[field]
listen.hj212 = "127.0.0.1:{hj212}"
listen.jt808 = "127.0.0.1:{jt808}"
listen.sl651 = "127.0.0.1:{sl651}"

[[notify.webhooks]]
name = "巡查组 Patrol"
url = "http://127.0.0.1:{patrol}/notices"
secret = {{ file = "secrets/patrol" }}

# Ways to one person; the people, their roster and their plans are on the page People. No levels: nobody but them.
[[notify.voice]]
name = "值班消息 Messages"
url = "http://127.0.0.1:{patrol}/messages"
secret = {{ file = "secrets/patrol" }}
to = ["13800000000"]
levels = []

[[notify.voice]]
name = "电话 Calls"
url = "http://127.0.0.1:{patrol}/calls"
secret = {{ file = "secrets/patrol" }}
to = ["13800000000"]
levels = []
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo",
        help="Run the whole hub with a simulated district, nothing else needed.",
        epilog="Example: hub demo --port 8080",
    )(demo)


def demo(
    port: Annotated[int, typer.Option(help="HTTP port; taken: the next free one.")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="MQTT port; taken: the next free one.")] = 1883,
    data: Annotated[Path, typer.Option(help="Kept between runs: started again it goes on where it was.")] = Path(
        "demo-data"
    ),
    seed: Annotated[int, typer.Option(help="Seed of the simulated district.")] = 1,
    speed: Annotated[float, typer.Option(help="Event time runs this many times as fast.")] = 1.0,
) -> None:
    """Set up, start, print the box, run until Ctrl-C."""
    ports = {"http": _free(port, "serve (HTTP)", "--port")}
    ports["mqtt"] = _free(mqtt_port, "broker (MQTT)", "--mqtt-port", ports)
    ports["patrol"] = _free(_PATROL_PORT, "simulators (the patrol's webhook)", "", ports)
    for protocol, wanted in _FIELD_PORTS.items():
        ports[protocol] = _free(wanted, f"field ({protocol})", "", ports)
    config = _write_files(data, ports)
    where = ("--config", str(config.resolve()))
    print("making ready: log, store, records ...", flush=True)
    prepare(where, "demo-setup")
    write_json(data / "addresses.json", _addresses(ports))
    for variable, name in ((PASSWORD_VARIABLE, "gateway"), (PATROL_VARIABLE, "patrol")):
        os.environ[variable] = (data / "secrets" / name).read_text(encoding="utf-8").strip()
    parts = [(part, part_command(part, *where)) for part in parts_of(load_settings(config))]
    parts.append(("simulators", (*_devices(ports), "--seed", str(seed), "--speed", f"{speed:g}")))
    command = Plan(parts, Announcement(_LOOPBACK, ports["http"], _box(_lines(data, ports)))).command()
    # What stays is only the supervisor: this process, with all it has loaded, becomes it.
    os.execv(command[0], command)  # noqa: S606 - our own program


def _write_files(data: Path, ports: dict[str, int]) -> Path:
    (data / "secrets").mkdir(parents=True, exist_ok=True)
    for name in ("mqtt", "gateway", "patrol"):
        if not (data / "secrets" / name).exists():
            write_private(data / "secrets" / name, _new_secret(name) + "\n")
    rules = data / "rules"
    if not rules.exists():
        shutil.copytree(str(files("simulators") / "scenarios" / "demo" / "rules"), rules)
    config = data / "hub.toml"
    config.write_text(CONFIGURATION.format(**ports), encoding="utf-8")
    return config


def _new_secret(name: str) -> str:
    if name == "patrol":
        return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    return secrets.token_urlsafe(24)


def _free(wanted: int, role: str, option: str, besides: Mapping[str, int] = _NONE) -> int:
    for port in range(wanted, min(wanted + 200, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_LOOPBACK, port))
            except OSError:
                continue
        if port not in besides.values():
            if port != wanted:
                chooses = f" ({option} chooses another)" if option else ""
                print(f"port {wanted}, which {role} needs, is taken; using {port}{chooses}")
            return port
    raise NotReady(f"no free port from {wanted} on for {role}" + (f"; {option} chooses another" if option else ""))


def _devices(ports: dict[str, int]) -> list[str]:
    command = [sys.executable, "-m", "simulators", "demo"]
    command += ["--broker", f"mqtt://{_GATEWAY}@{_LOOPBACK}:{ports['mqtt']}", "--patrol", str(ports["patrol"])]
    for protocol in _FIELD_PORTS:
        command += ["--field", f"{protocol}={_LOOPBACK}:{ports[protocol]}"]
    return command


def _addresses(ports: dict[str, int]) -> dict[str, str]:
    plain = {protocol: f"{_LOOPBACK}:{ports[protocol]}" for protocol in _FIELD_PORTS}
    return {"http": f"http://{_LOOPBACK}:{ports['http']}", "mqtt": f"mqtt://{_LOOPBACK}:{ports['mqtt']}", **plain}


def _lines(data: Path, ports: dict[str, int]) -> list[str]:
    password = (data / "admin-password").read_text(encoding="utf-8").strip()
    field = ", ".join(f"{protocol} {ports[protocol]}" for protocol in _FIELD_PORTS)
    return [
        "Streamwarden 智感中枢",
        "",
        f"duty desk 值班台   http://{_LOOPBACK}:{ports['http']}",
        f"login     登录     admin / {password}",
        f"MQTT               mqtt://{_LOOPBACK}:{ports['mqtt']}",
        f"field     现场协议 {_LOOPBACK}: {field}",
        f"data      数据     {data}",
        "stop      停止     Ctrl-C",
    ]


def _box(lines: list[str]) -> str:
    width = max(map(_columns, lines))
    body = [f"│ {line}{' ' * (width - _columns(line))} │" for line in lines]
    return "\n".join([f"┌{'─' * (width + 2)}┐", *body, f"└{'─' * (width + 2)}┘"])


def _columns(text: str) -> int:
    """Terminal columns: Chinese characters take two."""
    return sum(2 if ord(letter) >= 0x2E80 else 1 for letter in text)
