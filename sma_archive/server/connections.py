"""Access to the sockets of this web process, for features that the server lacks.

The server (granian) gives its application neither its listening socket nor a way to end a
connection. Both are found among the open files of the process.
"""

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

OPEN_FILES = "/dev/fd"  # of this process, on Linux and macOS
# Open sockets and files per process; the usual limit of 1,024 is too low for the connections.
MAX_OPEN_FILES = 16_384
# A client that reads nothing for this long is disconnected, even when all data has been passed to
# the kernel.
MAX_UNREAD_MILLISECONDS = 30_000
# Unsent bytes in the kernel's buffer: a larger buffer would hide how slowly a client reads.
MAX_UNSENT_BYTES = 128 * 1024


def _sockets() -> Iterator[socket.socket]:
    """Yield a duplicate of each open socket; the caller closes it."""
    for path in Path(OPEN_FILES).iterdir():
        try:
            number = os.dup(int(path.name))
        except OSError:  # closed in the meantime
            continue
        try:
            connection = socket.socket(fileno=number)
        except OSError:  # a file or pipe
            os.close(number)
        else:
            yield connection


def prepare():
    """Set the options that every connection of this process inherits. Call it once at the start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    for connection in _sockets():
        with closing(connection), suppress(OSError, AttributeError):  # macOS has fewer options
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                connection.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, MAX_UNREAD_MILLISECONDS
                )
                connection.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES
                )


def abort(client: tuple[str, int]) -> bool:
    """End the connection from (address, port) at once; return whether there was one.

    Only this shows a client that a response of unknown length is incomplete.
    """
    for connection in _sockets():
        with closing(connection), suppress(OSError):
            peer = connection.getpeername()
            if peer[:2] == client:
                connection.shutdown(socket.SHUT_RDWR)
                return True
    return False
