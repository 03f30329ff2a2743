"""Another process on the bus, run by tests as `python -m tests.bus.worker WHAT URL DATA ...` and killed by them.

append TOPIC FIRST COUNT    one number an append; each is printed once it is acknowledged
consume GROUP TOPIC [TOPIC] reads on and on, prints each number and then commits
"""

import sys
from pathlib import Path

from hub.bus import Bus, Message
from hub.buses import open_bus


def main(what: str, url: str, data: str, *rest: str) -> None:
    """Do `what` until it is done or this process is killed."""
    with open_bus(url, Path(data)) as bus:
        say("ready")
        if what == "append":
            append(bus, rest[0], int(rest[1]), int(rest[2]))
        else:
            consume(bus, rest[0], rest[1:])


def append(bus: Bus, topic: str, first: int, count: int) -> None:
    """Append numbers from `first` on, under one key."""
    for number in range(first, first + count):
        bus.append([Message(topic, b"%d" % first, b"%d" % number)])
        say(number)


def consume(bus: Bus, group: str, topics: tuple[str, ...]) -> None:
    """Print what is read, then commit it."""
    consumer = bus.consumer(group, topics)
    while True:
        records = consumer.poll(1.0, max_bytes=256)
        for record in records:
            say(int(record.value or b"-1"))
        if records:
            consumer.commit({(record.topic, record.partition): record.offset + 1 for record in records})


def say(word: object) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
