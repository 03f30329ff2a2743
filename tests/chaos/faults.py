"""What is done to a running hub. Each fault takes the world and returns when it is over; the hub may still be recovering then, and the next may come."""

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from storage.series import Select
from tests.chaos.hub import Hub
from tests.chaos.receiver import Receiver
from tests.chaos.truth import Truth
from tests.engines import wait_until

PATIENCE = 60.0


@dataclass
class World:
    """What faults act on; `done` tells what was done, for people."""

    hub: Hub
    receiver: Receiver
    chance: random.Random
    truth: Truth = field(default_factory=lambda: Truth(()))
    done: list[str] = field(default_factory=list)

    def last(self, least: float, most: float) -> None:
        """Let a random time pass: the moment of a fault, not a wait for anything."""
        threading.Event().wait(self.chance.uniform(least, most))


Fault = Callable[[World], None]


def kill(part: str) -> Fault:
    """Kill -9 a part; the supervisor starts it again."""

    def strike(world: World) -> None:
        pid = world.hub.signal(part, signal.SIGKILL)
        world.done.append(f"{part} killed")
        wait_until(lambda: world.hub.pid(part) != pid, PATIENCE, f"{part} is dead")

    return strike


def hold(part: str, seconds: float) -> Fault:
    """Stop a part's process where it stands for a while (SIGSTOP): away, and it does not know."""

    def strike(world: World) -> None:
        pid = world.hub.signal(part, signal.SIGSTOP)
        world.done.append(f"{part} held for {seconds:g} s")
        try:
            world.last(seconds, seconds)
        finally:
            world.hub.signal(part, signal.SIGCONT)
        assert world.hub.pid(part) == pid, f"{part} ended while it was held"

    return strike


def down(part: str, seconds: float, meanwhile: Fault | None = None) -> Fault:
    """Kill -9 a part whenever it runs, for a while: away, however often the supervisor starts it."""

    def strike(world: World) -> None:
        over = threading.Event()

        def keep_down() -> None:
            while not over.wait(0.02):
                pid = world.hub.pid(part)
                if pid is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=keep_down, name="killer", daemon=True)
        killer.start()
        world.done.append(f"{part} down for {seconds:g} s")
        try:
            if meanwhile is not None:
                meanwhile(world)
            world.last(seconds, seconds)
        finally:
            over.set()
            killer.join()

    return strike


def stall(part: str, within: float) -> Fault:
    """Make the part's main thread stand still; its watchdog has to end it within so many seconds."""

    def strike(world: World) -> None:
        pid = world.hub.signal(part, signal.SIGUSR1)
        world.done.append(f"{part} stalled")
        wait_until(lambda: world.hub.pid(part) not in {pid, None}, within, f"the watchdog has ended the stalled {part}")

    return strike


def away(server: str, seconds: float, meanwhile: Fault | None = None) -> Fault:
    """Kill -9 a real engine and start it again after a while."""

    def strike(world: World) -> None:
        engine = world.hub.size.servers[server]
        engine.kill()
        world.done.append(f"{server} killed, away for {seconds:g} s")
        try:
            if meanwhile is not None:
                meanwhile(world)
            world.last(seconds, seconds)
        finally:
            engine.start()

    return strike


def restart(server: str) -> Fault:
    """Stop a real engine as an operator would, and start it again."""

    def strike(world: World) -> None:
        world.hub.size.servers[server].restart()
        world.done.append(f"{server} restarted")

    return strike


def receiver_away(seconds: float) -> Fault:
    """Nobody listens where notices go."""

    def strike(world: World) -> None:
        world.receiver.close()
        world.done.append(f"receiver away for {seconds:g} s")
        world.last(seconds, seconds)
        world.receiver.open()

    return strike


def alerts_go_on(world: World) -> None:
    """New transitions reach the records: alerting lives."""
    before = world.hub.transitions()
    wait_until(lambda: world.hub.transitions() > before + 5, PATIENCE, "alerts are recorded while the store is away")


def store_fills(world: World) -> None:
    """New readings reach the store: it lives."""
    before = _newest(world.hub)
    wait_until(lambda: _newest(world.hub) > before, PATIENCE, "the store fills while alerting is away")


def _newest(hub: Hub) -> int:
    with hub.store() as store:
        return max((int(points.time[-1]) for points in store.latest(Select())), default=0)
