"""A child's lifeline to its supervisor: standard input is a pipe, and its end means that nobody looks after us any more."""

import os
import signal
import threading


def end_with_parent() -> None:
    """End this process by SIGTERM when standard input closes: no orphan outlives its supervisor, however that died."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
