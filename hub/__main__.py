"""`python -m hub` is the same as `hub`."""

import importlib
import sys
from typing import Final

from hub.commands.app import app, run

COMMANDS: Final = {
    "demo": "demo",
    "init": "init",
    "check": "check",
    "doctor": "doctor",
    "up": "up",
    "run": "up",
    "simulate": "simulate",
    "devices": "devices",
    "token": "people",
    "user": "people",
    "rules": "rules",
    "history": "history",
    "store": "store",
    "decode": "decode",
    "patrol": "patrol",
    "notify": "notify",
    "duty": "duty",
    "dead-letters": "dead_letters",
    "verify": "verify",
}
"""The module of each command: only what was asked for is loaded, everything where none was."""


def main() -> None:
    """The console script."""
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    for module in dict.fromkeys([COMMANDS[asked]] if asked in COMMANDS else COMMANDS.values()):
        importlib.import_module(f"hub.commands.{module}").register(app)
    sys.exit(run())


if __name__ == "__main__":
    main()
