"""Making a hub's engines ready: topics, tables, the rules of its folder; run before any worker starts."""

from contextlib import closing

from hub.bus import Bus
from hub.buses import open_bus
from hub.catalogue import Catalogue
from hub.clock import SystemClock
from hub.config import read_optional
from hub.follow import CatalogueFollower
from hub.rulefiles import load_rules
from hub.settings import Settings
from hub.topics import topics
from ingest.role import mosquitto_files
from storage import ensure_series
from storage.records import open_records
from storage.records.publish import CataloguePublisher
from storage.records.rules import sync


def run_prepare(settings: Settings) -> None:
    """Make every topic and table that is absent, bring the rules of the folder into force, publish the catalogue.

    Raises:
        ConfigError: a rule file has mistakes.
        BusUnavailable: the bus does not answer.
    """
    settings.hub.data.mkdir(parents=True, exist_ok=True)
    settings.hub.rules.mkdir(parents=True, exist_ok=True)
    rules = load_rules(settings.hub.rules)
    bus = open_bus(settings.engines.bus, settings.hub.data, replication=settings.bus.replication)
    with closing(bus), closing(open_records(settings.engines.records, settings.hub.data)) as records:
        bus.ensure_topics(topics(settings.partitions))
        ensure_series(settings.engines.series, token=read_optional(settings.engines.series_token))
        records.migrate()
        with records.begin() as session:
            sync(session, rules, actor="rule files", at=SystemClock().now())
        CataloguePublisher(bus, records).publish()
        if (files := mosquitto_files(settings)) is not None:
            # A broker that starts with us needs them before ingest can connect to it.
            files.follow(_catalogue(bus))


def _catalogue(bus: Bus) -> Catalogue:
    catalogue = Catalogue()
    with closing(CatalogueFollower(bus)) as follower:
        follower.start()
        follower.bring(catalogue)
    return catalogue
