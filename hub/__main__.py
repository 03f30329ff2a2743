"""`python -m hub` is the same as `hub`."""

import sys

from hub.commands import (
    check,
    dead_letters,
    decode,
    demo,
    devices,
    doctor,
    init,
    people,
    rules,
    simulate,
    up,
)
from hub.commands.app import app, run

for part in (demo, init, check, up, simulate, devices, people, rules, decode, dead_letters, doctor):
    part.register(app)


def main() -> None:
    """The console script."""
    sys.exit(run())


if __name__ == "__main__":
    main()
