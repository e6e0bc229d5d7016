"""The SDK's own tests of a tap, against a sample space."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from sample_space import Options, SampleServer, make_space
from tap_backlog.tap import TapBacklog

_server = SampleServer(
    make_space(Options(projects=4, users=12, teams=110, issues=150, activities=150)),
)
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
)
