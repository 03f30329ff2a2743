"""Free loopback ports for servers that a test starts."""

import random
import socket

# Below the range from which the system takes ports for outgoing connections: a restarted server finds its port again.
_LOWEST, _HIGHEST = 20_000, 32_000


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row on which nobody listens now."""
    chance = random.SystemRandom()
    for _ in range(200):
        port = chance.randrange(_LOWEST, _HIGHEST - count)
        if all(_is_free(port + offset) for offset in range(count)):
            return port
    raise RuntimeError(f"no {count} free ports in a row between {_LOWEST} and {_HIGHEST}")


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
