"""An offline Backlog space: a real HTTP server with its own data.

It answers as docs/api-facts.md, "Requests and answers" and the headings after it say. So
the tap, and any other client of Backlog, can be tried without a network.
``python -m sample_space`` runs it.
"""

from __future__ import annotations

from sample_space.options import Options
from sample_space.space import Space, make_space
from sample_space.wire import faults
from sample_space.wire.server import SampleServer

__all__ = ["Options", "SampleServer", "Space", "faults", "make_space"]
