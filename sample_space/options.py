"""How large a sample space is, and what it does if the documentation does not say.

For example, whether ``minId`` includes its id (docs/api-facts.md, "Lists by id").
"""

from __future__ import annotations

from dataclasses import dataclass, field

Row = dict[str, object]


@dataclass
class Options:
    """Size and behaviour of a sample space.

    Args:
        seed: The same seed gives the same data.
        projects: Number of projects; the second last is archived.
        users: Number of people.
        teams: Number of teams.
        issues: Number of issues.
        activities: Number of entries in the activity feed.
        admin_key: API key of an administrator.
        member_key: API key of a plain member, who may not list users and teams.
        refusal: HTTP status and error code for what a key may not read.
        context_path: Path before ``/api/v2``, as Backlog Enterprise has it.
        knows_expand: Whether the server knows ``expand[]`` of ``GET issues``.
        filters_activities: Whether the server obeys ``activityTypeId[]``.
        knows_header_key: Whether the server knows ``Backlog-API-Key``.
        ids_inclusive: Whether ``minId`` and ``maxId`` include their id.
        utc_offset: Hours from UTC of the zone in which ``updatedSince`` is a day.
        lists_archived: Whether ``issues`` without ``projectId[]`` contains those of
            archived projects.
        shuffles_ties: Whether issues with equal sort values come in another order
            with each request.
        limits: Requests per minute, by class.
        client_id: The application that may ask for OAuth tokens.
        client_secret: Its secret.
        refresh_token: A refresh token that is valid from the start.
        token_lifetime: Seconds that an access token is valid.
        rotates_tokens: Whether each renewal changes the refresh token.
        ends_old_access: Whether each renewal ends the access tokens before it.
        knows_pkce: Whether a ``code_challenge`` is checked.
        omits_unjoined: Whether lists of several projects leave out those that the key's
            owner has not joined; otherwise such lists are refused.
        scatters_ids: Whether the ids of projects are far apart, as in a large space.
        tells_time_of_space: Whether the ``Date`` header is the clock of the space;
            otherwise it is the clock of this machine.
    """

    seed: int = 7
    projects: int = 7
    users: int = 40
    teams: int = 130
    issues: int = 1234
    activities: int = 731
    admin_key: str = "sample-admin-key"
    member_key: str = "sample-member-key"
    refusal: tuple[int, int] = (403, 5)
    context_path: str = ""
    knows_expand: bool = True
    filters_activities: bool = True
    knows_header_key: bool = True
    ids_inclusive: bool = False
    utc_offset: int = 9
    lists_archived: bool = False
    shuffles_ties: bool = False
    client_id: str = "sample-client"
    client_secret: str = "sample/client+secret="  # noqa: S105
    refresh_token: str = "sample/refresh+token="  # noqa: S105
    token_lifetime: float = 3600
    rotates_tokens: bool = True
    ends_old_access: bool = False
    knows_pkce: bool = True
    omits_unjoined: bool = True
    scatters_ids: bool = False
    tells_time_of_space: bool = False
    limits: dict[str, int] = field(
        default_factory=lambda: {"read": 600, "update": 150, "search": 150, "icon": 60},
    )
