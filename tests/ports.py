"""Ports for servers that tests start."""

import itertools
import os
import socket

# The system assigns ports from 32768 upwards to any process. One of these, found free a moment ago,
# may be used by a connection when a server opens it. Here each process has ports of its own, as the
# suites for both databases run at once.
FIRST, FOR_EACH, PROCESSES = 10_000, 100, 200
_next = itertools.count()


def free_port() -> int:
    """Return a port of this machine on which nothing listens, a different one each time."""
    base = FIRST + os.getpid() % PROCESSES * FOR_EACH
    for number in itertools.islice(_next, FOR_EACH):
        port = base + number % FOR_EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("No port is free.")
