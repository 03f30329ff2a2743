"""A small Faust app of the tests: counts the messages of each key in a table, guarded by the offset it has stored.

Run as `python -m tests.bus.counting_app URL DATA NAME PARTITIONS`; it works until it is ended. What it says goes out before its state does: a
message whose state is stored is skipped when it comes again, so by then its output must be durable.
"""

import json
import sys
from pathlib import Path
from typing import Any

import faust

from hub.topics import MEGABYTE, TopicSpec
from processors.transport import register, settings


def topics(name: str, partitions: int) -> list[TopicSpec]:
    """What the app needs made before it starts: its input, its output, the changelog of its table."""
    return [
        TopicSpec(f"{name}-numbers", partitions, max_message=3 * MEGABYTE),
        TopicSpec(f"{name}-counts", partitions),
        TopicSpec(f"{name}-state-changelog", partitions, compact=True, max_message=4 * MEGABYTE),
    ]


def make(broker: str, name: str, partitions: int, data: Path) -> faust.App:
    """The app; each message gives one JSON object on the output: key, count, offset, number."""
    register()
    app = faust.App(name, broker=broker, datadir=data, **settings(partitions))
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    numbers = app.topic(f"{name}-numbers", **raw)
    counts = app.topic(f"{name}-counts", **raw)
    table = app.Table("state", default=None, partitions=partitions, key_type=str)

    @app.agent(numbers, name="count")
    async def count(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            state = table.get(str(message.partition)) or {"offset": -1, "keys": {}}
            if message.offset <= state["offset"]:
                continue
            key = event.key.decode()
            state["keys"][key] = state["keys"].get(key, 0) + 1
            state["offset"] = message.offset
            if len(event.value) > 1000:
                state["padding"] = event.value.decode()
            said = {"key": key, "count": state["keys"][key], "offset": message.offset, "number": int(event.value)}
            await (await counts.send(key=event.key, value=json.dumps(said).encode(), partition=message.partition))
            table[str(message.partition)] = state

    return app


def main(broker: str, data: str, name: str, partitions: str) -> None:
    """Work until ended."""
    app = make(broker, name, int(partitions), Path(data))
    faust.Worker(app, loglevel="info").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
