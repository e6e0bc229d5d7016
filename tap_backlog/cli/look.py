"""How far a run is, in words."""

from __future__ import annotations

from typing import NamedTuple

from tap_backlog.wording import span


class Look(NamedTuple):
    """How far a run is, at one moment.

    Args:
        stream: Name of the current stream; "" between two streams.
        share: Share of the stream that has been read, from 0 to 1.
        is_guess: Whether the end of the stream is not known.
        of_stream: What has been read of the stream, in users' words.
        seconds_left: How long the stream may still take; None if unknown.
        of_run: Figures of the run, in users' words, the most important first.
        wait: Seconds that are left to wait for the rate limit.
    """

    stream: str
    share: float
    is_guess: bool
    of_stream: str
    seconds_left: float | None
    of_run: list[str]
    wait: float

    @property
    def share_in_words(self) -> str:
        """The share in percent; ``~`` marks a guess."""
        # The end of a stream comes with the next one: 100 % would be too early.
        percent = min(int(self.share * 100), 99)
        return f"{'~' if self.is_guess else ''}{percent}%"

    @property
    def time_left(self) -> str:
        """How long the stream may still take, in words; always a guess."""
        if self.seconds_left is None:
            return ""
        return f"~{span(max(self.seconds_left, 1.0))} left"

    @property
    def waiting(self) -> str:
        """The wait for the rate limit, in words; "" for none."""
        return f"waiting {span(self.wait)} for the rate limit" if self.wait else ""

    @property
    def as_sentence(self) -> str:
        """Everything in one sentence, for a log."""
        stream = ""
        if self.stream:
            share = ", ".join(filter(None, [self.of_stream, self.share_in_words]))
            stream = f"reading `{self.stream}` ({share})"
        parts = [stream, self.time_left, self.waiting, *self.of_run]
        return f"So far: {', '.join(filter(None, parts))}."
