"""Waiting for something to be so."""

import time


class Failed(Exception):
    """What did not happen in time."""


def wait_until(what, condition, seconds=60):
    """Waits for the condition; fails with `what`, which may be a function that says it then."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.1)
