"""People of the sample space, and their teams."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, TODAY, stamp

if TYPE_CHECKING:
    import random

_FAMILY = [
    ("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("田中", "tanaka"),
    ("伊藤", "ito"), ("渡辺", "watanabe"), ("山本", "yamamoto"), ("中村", "nakamura"),
    ("Miller", "miller"), ("O'Brien", "obrien"), ("Nguyễn", "nguyen"),
]  # fmt: skip
_GIVEN = [
    ("葵", "aoi"), ("蓮", "ren"), ("陽菜", "hina"), ("湊", "minato"), ("結衣", "yui"),
    ("Alex", "alex"), ("Sam", "sam"), ("Kim", "kim"),
]  # fmt: skip
_TEAMS = ["開発", "品質保証", "営業", "サポート", "Design", "Infra", "人事", "Research"]


def make_users(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Return users; the first is an administrator, the second a plain member."""
    return [_user(rng, number) for number in range(1, count + 1)]


def _user(rng: random.Random, number: int) -> dict[str, Any]:
    family, family_id = _FAMILY[number % len(_FAMILY)]
    given, given_id = _GIVEN[number % len(_GIVEN)]
    login = f"{given_id}.{family_id}{number}"
    hidden = number % 11 == 0
    classic = number % 13 == 0
    return {
        "id": 1000 + number,
        "userId": login,
        "name": f"{family} {given}",
        "roleType": 1 if number in {1, 7} else 2,
        "lang": rng.choice(["ja", "en", None]),
        "nulabAccount": None
        if classic
        else {
            "nulabId": f"nulab-{number:04}",
            "name": f"{family} {given}",
            "uniqueId": login,
        },
        "mailAddress": None if hidden else f"{login}@example.com",
        "lastLoginTime": stamp(TODAY - dt.timedelta(hours=rng.randrange(900))),
    }


def stranger() -> dict[str, Any]:
    """Return a user as Backlog shows somebody who came from elsewhere."""
    return {
        "id": 9999,
        "userId": None,
        "name": "退会したユーザー",
        "roleType": 2,
        "lang": None,
        "nulabAccount": None,
        "mailAddress": None,
    }


def make_teams(
    rng: random.Random,
    count: int,
    users: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return teams, the oldest first."""
    teams = []
    for number in range(1, count + 1):
        created = FIRST_DAY + dt.timedelta(hours=number)
        teams.append(
            {
                "id": 300 + number,
                "name": f"{_TEAMS[number % len(_TEAMS)]} {number}",
                "members": rng.sample(users, rng.randrange(min(5, len(users)) + 1)),
                "displayOrder": None,
                "createdUser": users[0],
                "created": stamp(created),
                "updatedUser": users[0],
                "updated": stamp(created + dt.timedelta(days=number % 30)),
            },
        )
    return teams
