"""Which partition a key goes to: Kafka's own murmur2 partitioner, so that both engines, and every producer, agree."""

from typing import Final

_SEED: Final = 0x9747B28C
_MIX: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """MurmurHash2 as Kafka's Java client computes it, unsigned 32 bits."""
    length = len(key)
    digest = (_SEED ^ length) & _MASK
    whole = length - length % 4
    for place in range(0, whole, 4):
        word = int.from_bytes(key[place : place + 4], "little") * _MIX & _MASK
        word = (word ^ word >> 24) * _MIX & _MASK
        digest = (digest * _MIX & _MASK) ^ word
    if length % 4:
        digest = (digest ^ int.from_bytes(key[whole:], "little")) * _MIX & _MASK
    digest = (digest ^ digest >> 13) * _MIX & _MASK
    return digest ^ digest >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key among `partitions`, as Kafka's default partitioner chooses it."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
