"""The notebook that the code runs in, if it runs in one."""

from __future__ import annotations

import sys
from typing import Any


def running_shell() -> Any:
    """Return the IPython shell around this code; None if there is none."""
    # A notebook has imported IPython long ago; anybody else would wait half a second.
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()
