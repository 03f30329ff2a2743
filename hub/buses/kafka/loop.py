"""An event loop on a thread of its own, on which a synchronous caller has its asynchronous work done in bounded time."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from hub.errors import BusError, BusUnavailable, MessageTooLarge

_GRACE: Final = 2.0
_Answer = TypeVar("_Answer")


class LoopThread:
    """Runs coroutines for whoever calls."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="kafka", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, _Answer], timeout: float) -> _Answer:
        """The answer of `work`.

        Raises:
            BusUnavailable: it took longer than `timeout` seconds, or Kafka is away.
            MessageTooLarge: Kafka refuses a message's size.
        """
        with kafka_errors():
            if not self._thread.is_alive() or self.loop.is_closed():
                work.close()
                raise BusError("this bus is closed")
            future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout), self.loop)
            return future.result(timeout + _GRACE)

    def close(self) -> None:
        """End the loop."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            self.loop.run_until_complete(asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), _GRACE))
        self.loop.close()


@contextlib.contextmanager
def kafka_errors() -> Iterator[None]:
    """What aiokafka raises, as the bus's own errors."""
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise MessageTooLarge(str(error)) from error
    except UnknownTopicOrPartitionError as error:
        raise BusUnavailable(f"a topic is absent: {error}") from error
    except TimeoutError as error:
        raise BusUnavailable("Kafka did not answer in time") from error
    except (KafkaError, OSError) as error:
        raise BusUnavailable(f"Kafka: {error!r}") from error
