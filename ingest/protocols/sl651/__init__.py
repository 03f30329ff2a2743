"""SL 651-2014, the protocol of hydrology stations: HEX/BCD and ASCII coding, modes M1 to M4; the page is docs/protocols/sl651.md."""

from ingest.protocols.sl651.protocol import Sl651

PROTOCOL = Sl651()
"""The one object of the process."""
