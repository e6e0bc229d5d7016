"""The SDK's own tests of a tap, against a sample space."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from sample_space import Options, SampleServer, make_space
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import select

_server = SampleServer(
    make_space(
        Options(
            projects=4,
            users=12,
            teams=110,
            issues=150,
            activities=150,
            limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
        )
    ),
)
# The suite warns about fields that never come, as in the list inside an issue.
for _issue in _server.space.issues.values():
    for _file in _issue["attachments"]:
        _file |= {"created": _issue["created"], "createdUser": _issue["createdUser"]}
_server.__enter__()


@pytest.fixture(scope="session", autouse=True)
def _stop_server() -> object:
    yield
    _server.__exit__(None, None, None)


# Fields that only some servers send, such as `useGantt`, are not in the sample.
pytestmark = pytest.mark.filterwarnings("ignore:Fields in transformed catalog")

TestTapBacklog = get_tap_test_class(
    TapBacklog,
    config={"host": _server.url, "api_key": _server.space.options.admin_key},
    suite_config=SuiteConfig(max_records_limit=None),
    catalog=select(*(str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES)),
)
