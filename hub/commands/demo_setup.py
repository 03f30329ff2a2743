"""The demonstration's first entries: the simulated devices, their gateway, the administrator."""

import secrets
from contextlib import closing
from importlib.resources import as_file, files
from typing import Final

from alerts.people.files import first_people
from hub.buses import open_bus
from hub.clock import SystemClock
from hub.commands.prepare import run_prepare
from hub.files import write_private
from hub.pictures import Source
from hub.secret import hash_secret
from hub.settings import Settings
from simulators.camera import simulated_cameras
from simulators.register import gateway_of, register_entries
from simulators.scenario import load_scenario
from storage.records import open_records, register
from storage.records.access import create_token
from storage.records.patrol import cameras
from storage.records.publish import CataloguePublisher
from storage.records.users import add_user
from vision.camera import write_camera

_ACTOR: Final = "demo"


def run_demo_setup(settings: Settings) -> None:
    """Make the engines ready and register the scenario; at the first run also make the administrator's token and password (files of mode 0600)."""
    run_prepare(settings)
    folder, scenario, at = settings.hub.data, load_scenario("demo"), SystemClock().now()
    gateway_secret = (folder / "secrets" / "gateway").read_text(encoding="utf-8").strip()
    bus = open_bus(settings.engines.bus, folder)
    with closing(bus), closing(open_records(settings.engines.records, folder)) as records:
        with records.begin() as tx:
            known = register.get_device(tx, gateway_of(scenario, "").station)
            if known is None:
                register.put_device(tx, gateway_of(scenario, hash_secret(gateway_secret)), actor=_ACTOR, at=at)
            register.put_devices(tx, register_entries(scenario), actor=_ACTOR, at=at)
            for station, config in simulated_cameras(scenario):
                if cameras.get(tx, station) is None:
                    cameras.put(tx, station, write_camera(config).decode(), Source(), actor=_ACTOR, at=at)
            if not (folder / "admin-token").exists():
                _, token = create_token(tx, "administrator", "admin", actor=_ACTOR, at=at)
                write_private(folder / "admin-token", token + "\n")
            if not (folder / "admin-password").exists():
                password = secrets.token_urlsafe(9)
                add_user(tx, "admin", password, "admin", actor=_ACTOR, at=at)
                write_private(folder / "admin-password", password + "\n")
            with as_file(files("hub.commands") / "demo_duty.toml") as duty:
                first_people(tx, settings, duty, actor=_ACTOR, at=at)
        CataloguePublisher(bus, records).publish()
