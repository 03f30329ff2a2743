"""A part of the role `process` in a process of its own, as the supervisor runs it: `python -m tests.processors.worker PART SETTINGS_JSON`."""

import logging
import sys

from hub.settings import Settings
from processors.role import run_rules
from processors.series_role import run_series

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    settings = Settings.model_validate_json(sys.argv[2])
    if sys.argv[1] == "rules":
        run_rules(settings)
    else:
        run_series(settings)
