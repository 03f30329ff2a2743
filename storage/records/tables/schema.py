"""What every table is made of; every time is UTC epoch milliseconds."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Text,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up only columns declared INTEGER; both are 64 bits wide.
Big: Final = BigInteger().with_variant(Integer(), "sqlite")


def words(name: str, *, default: str = "") -> Column[str]:
    """A text that is never NULL."""
    return Column(name, Text, nullable=False, server_default=text(f"'{default}'"))


def sequence(name: str) -> Column[int]:
    """A number that counts up by itself."""
    return Column(name, Big, primary_key=True, autoincrement=True)


def moment(name: str, *, nullable: bool = False) -> Column[int]:
    """A time, UTC epoch ms."""
    return Column(name, BigInteger, nullable=nullable)
