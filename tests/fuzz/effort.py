"""How many examples a test tries: few and always the same ones in `make test`, many random ones in `make fuzz`.

``FUZZ`` is how many times as many as in `make test`.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings

__all__ = ["TIMES", "examples"]

TIMES = int(os.environ.get("FUZZ", "0"))
"""The factor; 0 in `make test`."""


def examples(number: int, **more: Any) -> settings:
    """Make the settings of a test that tries a number of examples in `make test`.

    Parameters
    ----------
    number : int
        The number of examples.
    **more
        Further settings of Hypothesis.
    """
    if not TIMES:
        more["database"] = None  # what a long run has found there would make the short one random
        more["phases"] = [Phase.explicit, Phase.generate]  # a long run makes what it has found smaller, for minutes
    return settings(
        max_examples=number * max(TIMES, 1),
        derandomize=not TIMES,
        print_blob=True,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
