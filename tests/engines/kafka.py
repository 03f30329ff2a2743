"""Apache Kafka for a test: one node, or three of which one may be killed."""

from pathlib import Path
from typing import ClassVar

from tests.engines.server import Server


class Kafka(Server):
    """A Kafka cluster; each node is broker and controller."""

    script = "kafka"
    ports = 2
    nodes: ClassVar[int] = 1

    @property
    def bootstrap(self) -> str:
        """Every broker as host:port, with commas between."""
        return ",".join(f"127.0.0.1:{self.port + 2 * node}" for node in range(self.nodes))

    @property
    def url(self) -> str:
        """As `engines.bus` of hub.toml takes it."""
        return f"kafka://{self.bootstrap}"

    @property
    def pid(self) -> int:
        """The process number of node 1."""
        return int((self.node_folder(1) / "pid").read_text().split()[0])

    @property
    def log(self) -> str:
        """What all nodes have written since their last start."""
        return "".join(self.node_folder(node).joinpath("log").read_text() for node in range(1, self.nodes + 1))

    def node_folder(self, node: int) -> Path:
        """Where node `node` (from 1) keeps its data, log and pid."""
        return self.folder / f"node-{node}"

    def _arguments(self) -> tuple[str, ...]:
        return (str(self.nodes),)


class Kafka3(Kafka):
    """Three nodes, every topic three times, two in sync asked for: it takes writes with one node dead."""

    ports = 6
    nodes = 3

    def kill_node(self, node: int) -> None:
        """End node `node` (1 to 3) by kill -9."""
        self._node_verb("kill", node)

    def start_node(self, node: int) -> None:
        """Start node `node` again on its data and wait until it serves."""
        self._node_verb("start", node)
        self._node_verb("wait", node)

    def _node_verb(self, verb: str, node: int) -> None:
        self._verb(verb, str(node))
