"""Whether a logger's clock is right: times are GMT+8 (HJ 212-2017, 6.3.3); a logger set to UTC, or one that adds eight hours twice, is eight hours off."""

from typing import Final, Literal

from ingest.protocols.hj212.times import HOUR

Verdict = Literal["right", "eight_hours", "off"]

_TOLERATED: Final = 300_000
_NEAR_EIGHT_HOURS: Final = 600_000
_STEADY: Final = 30_000
_WATCHED: Final = 10_000


class ClockWatch:
    """Looks at the times of real-time data. Only a steady difference counts: records kept while the line was down come with old times too, but each with
    another difference.
    """

    __slots__ = ("_since", "offset", "verdict")

    def __init__(self) -> None:
        self._since: int | None = None
        self.offset = 0
        """The device's time less ours, ms."""
        self.verdict: Verdict = "right"

    def heard(self, said: int, now: int) -> bool:
        """A real-time record says it is `said` (epoch ms); whether the verdict changed."""
        offset = said - now
        if self._since is None or abs(offset - self.offset) > _STEADY:
            self._since, self.offset = now, offset
            return False
        if now - self._since < _WATCHED:
            return False
        before, self.verdict = self.verdict, _judge(self.offset)
        return self.verdict != before

    def words(self) -> str:
        """The verdict as a sentence."""
        side = "ahead" if self.offset > 0 else "behind"
        if self.verdict == "right":
            return "the device's clock is right again"
        if self.verdict == "eight_hours":
            return f"the device's clock stands 8 h {side}: is it set to GMT+8 (6.3.3)? Its data is kept at the times it says"
        return f"the device's clock stands {abs(self.offset) // 1000} s {side}; its data is kept at the times it says"


def _judge(offset: int) -> Verdict:
    if abs(offset) <= _TOLERATED:
        return "right"
    return "eight_hours" if abs(abs(offset) - 8 * HOUR) <= _NEAR_EIGHT_HOURS else "off"
