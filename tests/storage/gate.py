"""A gate between a store and its server that a test opens, shuts and cuts: TCP on loopback, a free port."""

import contextlib
import socket
import threading
from typing import Self

_CHUNK = 65_536


class Gate:
    """Passes bytes on to `port` while it is open.

    Shut, it ends every connection; hanging, it takes them and says nothing; `cut_after` ends a connection once so many bytes have gone to the server,
    `cut_answers` as soon as the server answers.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.open = True
        self.hanging = False
        self.cut_after: int | None = None
        self.cut_answers = False
        self.turned_away = 0
        self._live: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.end_connections()

    def shut(self) -> None:
        """Be away."""
        self.open = False
        self.end_connections()

    def end_connections(self) -> None:
        """End what stands; new connections go by how the gate is."""
        with self._lock:
            live, self._live = self._live, set()
        for each in live:
            _end(each)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                if not self.open:
                    self.turned_away += 1
                    _end(caller)
                    continue
                with self._lock:
                    self._live.add(caller)
                if not self.hanging:
                    self._pass_on(caller)

    def _pass_on(self, caller: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._target))
        with self._lock:
            self._live.add(server)
        for source, sink, answers in ((caller, server, False), (server, caller, True)):
            threading.Thread(target=self._pump, args=(source, sink, answers), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if answers and self.cut_answers:
                    break
                if not answers and self.cut_after is not None and passed + len(data) > self.cut_after:
                    sink.sendall(data[: self.cut_after - passed])
                    break
                sink.sendall(data)
                passed += len(data)
        _end(source)
        _end(sink)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
