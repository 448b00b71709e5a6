"""The shipped deploy/nginx.conf, adapted to an nginx on this machine without TLS."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from sma_archive.management.commands.serve import accepts_connections
from tests.programs import find
from tests.waiting import PATIENCE, eventually


def configuration(folder: Path, port: int, upstream: int, private: Path) -> str:
    """Return the shipped configuration for (nginx port, application port, private files)."""
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"^server \{\n    listen 80;.*?^\}\n", "", text, flags=re.DOTALL | re.MULTILINE)
    for pattern, replacement in (
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};"),
        (r" *listen \[::\]:443.*?;\n", ""),
        (r" *ssl_certificate.*?;\n", ""),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{upstream};"),
        (r"/var/log/nginx/", f"{folder}/"),
        (r"/srv/archive/private/", f"{private}/"),
        (r"/srv/archive/var/", f"{folder}/"),
    ):
        text, count = re.subn(pattern, replacement, text)
        assert count, pattern
    places = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 1;
        events {{ worker_connections 4096; }}
        http {{ {places} {text} }}"""


@contextmanager
def running(folder: Path, port: int, upstream: int, private: Path):
    """Run nginx with the shipped configuration; yield its address."""
    (folder / "nginx.conf").write_text(configuration(folder, port, upstream, private))
    process = subprocess.Popen([find("nginx"), "-c", str(folder / "nginx.conf"), "-p", folder])
    try:
        assert eventually(
            lambda: process.poll() is not None or accepts_connections(("127.0.0.1", port))
        )
        assert process.poll() is None, (folder / "error.log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)
