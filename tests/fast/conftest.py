"""The shortcuts are compared with their libraries here, which takes both: not where ``CLICKBIND_PLAIN`` is set."""

from __future__ import annotations

import os

collect_ignore_glob = ["test_*"] if os.environ.get("CLICKBIND_PLAIN") else []
