"""How the web server is started: by `serve`, by systemd, by tests and benchmarks."""

import sys
from pathlib import Path


def web_server_command(host: str, port: int | str, processes: int | str) -> list[str]:
    """Return the command line that serves the archive at (host, port)."""
    return [
        *(str(Path(sys.executable).with_name("granian")), "--interface", "asgi"),
        *("--host", host, "--port", str(port), "--workers", str(processes)),
        *("--http", "1", "--no-ws"),
        # Per process: pending and open connections. A slow client uses only a connection.
        *("--backlog", "2048", "--backpressure", "1024"),
        # Per connection; the longest URL (an evidence pack with notes) has 64 KB.
        *("--http1-buffer-size", "131072", "--http1-header-read-timeout", "10000"),
        # A worker that dies is replaced; nginx writes the access log and masks tokens.
        *("--respawn-failed-workers", "--no-access-log", "--log-level", "warning"),
        # A restart waits no longer than this for slow clients.
        *("--workers-kill-timeout", "5"),
        "sma_archive.asgi:application",
    ]
