"""Busy sessions where people are, seen from here. busy_sessions.py does the work there."""

import subprocess
import threading
import time


class Load:
    """`command` starts busy_sessions.py. Use as a context manager. Threads: a reader of its own; calls from one."""

    def __init__(self, command, count):
        self._count = count
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._changed = threading.Condition()
        self._up, self._ended, self._late = set(), {}, []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self):
        self._wait(lambda: len(self._up) == self._count, 90, "all sessions are up")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def ended(self):
        """Sessions that have ended, with ssh's status."""
        with self._changed:
            return dict(self._ended)

    def late(self):
        """The answers that have taken more than a second, in seconds."""
        with self._changed:
            return list(self._late)

    def wait_ended(self, count, seconds=30):
        self._wait(lambda: len(self._ended) >= count, seconds, f"{count} sessions have ended")

    def stop(self):
        """Lets those that are left end by themselves. Returns how all have ended."""
        self._process.stdin.write("stop\n")
        self._process.stdin.flush()
        self.wait_ended(self._count)
        return self.ended()

    def _wait(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise AssertionError(
                        f"not within {seconds} s: {what}; up {len(self._up)}, ended {self._ended}"
                    )
                self._changed.wait(min(left, 1))

    def _read(self):
        for line in self._process.stdout:
            words = line.split()
            with self._changed:
                if words[0] == "up":
                    self._up.add(int(words[1]))
                elif words[0] == "end":
                    self._ended[int(words[1])] = int(words[2])
                else:
                    self._late.append(float(words[2]))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()
