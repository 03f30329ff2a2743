"""A small Faust app of the tests: counts the values of each key in a table, guarded by the offset it has stored.

Run as `python -m tests.bus.counting_app URL DATA PARTITIONS [LOGFILE]`; it works until it is ended.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import faust

from hub.topics import TopicSpec
from processors.transport import order_flush, register, settings

GROUP = "count"
INPUT = "numbers"
OUTPUT = "counts"
CHANGELOG = f"{GROUP}-state-changelog"


def topics(partitions: int) -> list[TopicSpec]:
    """What the app needs made before it starts."""
    return [
        TopicSpec(INPUT, partitions),
        TopicSpec(OUTPUT, partitions),
        TopicSpec(CHANGELOG, partitions, compact=True, max_message=4 << 20),
    ]


def make(broker: str, partitions: int, **more: Any) -> faust.App:
    """The app; its output on `counts` is one JSON object for each message: key, count, offset, partition."""
    register()
    app = faust.App(GROUP, broker=broker, **{**settings(partitions), **more})
    numbers = app.topic(INPUT, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    counts = app.topic(OUTPUT, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    table = app.Table("state", default=None, partitions=partitions, key_type=str)

    @app.agent(numbers, name="count")
    async def count(stream: Any) -> None:
        async for event in stream.events():
            place = str(event.message.partition)
            state = table.get(place) or {"offset": -1, "keys": {}}
            if event.message.offset <= state["offset"]:
                continue
            keys = state["keys"]
            name = event.key.decode()
            keys[name] = keys.get(name, 0) + 1
            table[place] = {"offset": event.message.offset, "keys": keys}
            said = {"key": name, "count": keys[name], "offset": event.message.offset, "number": int(event.value)}
            await counts.send(key=event.key, value=json.dumps(said).encode(), partition=event.message.partition)

    order_flush(app)
    return app


def main(broker: str, data: str, partitions: str) -> None:
    """Work until ended."""
    app = make(broker, int(partitions), datadir=Path(data))
    worker = faust.Worker(app, loglevel="info")
    worker.execute_from_commandline()


if __name__ == "__main__":
    logging.captureWarnings(capture=True)
    main(*sys.argv[1:4])
