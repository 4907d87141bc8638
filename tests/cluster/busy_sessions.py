"""Holds many busy ssh sessions and tells what happens to them.

    busy_sessions.py COUNT SSH-ARGUMENT…

Starts COUNT times `ssh SSH-ARGUMENT… cat` and sends each a numbered line ten times a second, which has to come back.
Prints a line for each thing that happens:

    up N            session N has answered for the first time
    end N STATUS    it has ended, with ssh's status
    late N SECONDS  an answer has taken more than a second

A line "stop" on standard input lets all sessions end by themselves: each must then end with 0. Needs nothing but
Python's smallest library. Threads: one.
"""

import os
import selectors
import signal
import subprocess
import sys
import time

_PAUSE = 0.1


class Session:
    """One ssh and what it owes."""

    def __init__(self, number, command):
        self.number = number
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.up = False
        self.waits_since = None
        self._sent = 0
        self._got = b""

    def send(self):
        if self.waits_since is not None:
            return
        self._sent += 1
        self.waits_since = time.monotonic()
        try:
            self.process.stdin.write(b"%d\n" % self._sent)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its end shows at its output

    def receive(self):
        """Whether it is still there."""
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            return False
        self._got += data
        if self._got == b"%d\n" % self._sent:
            self._got = b""
            took = time.monotonic() - self.waits_since
            self.waits_since = None
            if not self.up:
                self.up = True
                say("up", self.number)
            elif took > 1:
                say("late", self.number, "%.1f" % took)
        return True


def say(*words):
    print(*words, flush=True)


def main(count, arguments):
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    sessions = []
    for number in range(count):
        session = Session(number, ["ssh", *arguments, "cat"])
        selector.register(session.process.stdout, selectors.EVENT_READ, session)
        sessions.append(session)
    alive, stopping = set(sessions), False
    next_round = time.monotonic()
    while alive:
        for key, _ in selector.select(max(0, next_round - time.monotonic())):
            session = key.data
            if session is None:
                # "stop", or whoever asked for this is gone.
                selector.unregister(sys.stdin)
                stopping = True
                for one in alive:
                    one.process.stdin.close()
            elif not session.receive():
                selector.unregister(session.process.stdout)
                alive.discard(session)
                say("end", session.number, session.process.wait())
        if time.monotonic() >= next_round:
            next_round += _PAUSE
            if not stopping:
                for session in alive:
                    session.send()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    main(int(sys.argv[1]), sys.argv[2:])
