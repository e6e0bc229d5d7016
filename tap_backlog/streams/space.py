"""The space itself, and what the key may still ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.rows import is_object
from tap_backlog.schemas import integer, record, text, timestamp
from tap_backlog.streams.base import BacklogStream, Page

if TYPE_CHECKING:
    from collections.abc import Iterator


class Space(BacklogStream):
    """``GET space``."""

    name = "space"
    path = "space"
    primary_keys: ClassVar = ("spaceKey",)
    schema: ClassVar = record(
        "The space (スペース情報の取得).",
        text("spaceKey", "Key of the space.", required=True),
        text("name", "Name of the space."),
        integer("ownerId", "Id of the user who owns the space."),
        text("lang", "Language of the space, such as `ja`."),
        text("timezone", "Time zone of the space, such as `Asia/Tokyo`."),
        text("reportSendTime", "Time of day at which reports are sent, `HH:mm:ss`."),
        text("textFormattingRule", "How texts are written: `backlog` or `markdown`."),
        timestamp("created", "When the space was made."),
        timestamp("updated", "When the space was last changed."),
    )

    def pages(self) -> Iterator[Page]:
        """Yield the one row."""
        yield Page([self.ask_one(self.path)])


class RateLimit(BacklogStream):
    """``GET rateLimit``, a row for each class of requests."""

    name = "rate_limit"
    path = "rateLimit"
    primary_keys: ClassVar = ("type",)
    required_fields: ClassVar = {"rateLimit": is_object}
    schema: ClassVar = record(
        "How often the key's owner may ask per minute, and how much of it is left: one "
        "row for each class of requests (レート制限情報の取得).",
        text("type", "Class of requests: read, update, search or icon.", required=True),
        integer("limit", "Requests per minute."),
        integer("remaining", "Requests left in this minute."),
        integer("reset", "When it is counted anew, in seconds since 1970 (UTC)."),
    )

    def pages(self) -> Iterator[Page]:
        """Yield a row for each class."""
        limits = self.ask_one(self.path)["rateLimit"]
        yield Page(
            [
                {**limit, "type": kind}
                for kind, limit in limits.items()
                if isinstance(limit, dict)
            ]
        )
