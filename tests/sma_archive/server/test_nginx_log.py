"""No token gets into nginx's log: the rules of deploy/nginx.conf, in a real nginx."""

import os
import re
import socket
import subprocess
from contextlib import contextmanager

import pytest
from django.conf import settings

from sma_archive.management.commands.serve import accepts_connections
from tests.ports import free_port
from tests.programs import find, needs
from tests.waiting import PATIENCE, eventually

pytestmark = needs("nginx")

TOKEN = "12-" + "0a" * 32
SIGNED = "IlItMjI:1abcde:c2lnbmF0dXJl"


def shipped(pattern: str) -> str:
    """Return the parts of deploy/nginx.conf that match, in order."""
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    found = re.findall(pattern, text, re.DOTALL | re.MULTILINE)
    assert found
    return "\n".join(found)


@contextmanager
def running_nginx(folder):
    """Run nginx with the shipped log format; yield its port."""
    port = free_port()
    places = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "given").write_text("audio")
    (folder / "nginx.conf").write_text(f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 1;
        events {{ }}
        http {{
            {places}
            {shipped(r"^map .*?^}$")}
            {shipped(r"^log_format .*?;$")}
            uninitialized_variable_warn off;
            server {{
                listen 127.0.0.1:{port};
                access_log {folder}/access.log archive;
                {shipped(r"^    if .*?^    }$")}
                location /given {{ internal; root {folder}; }}
                location ~ /audio$ {{ try_files /nothing /given; }}
                location / {{ return 204; }}
            }}
        }}""")
    process = subprocess.Popen([find("nginx"), "-c", str(folder / "nginx.conf"), "-p", folder])
    try:
        assert eventually(
            lambda: process.poll() is not None or accepts_connections(("127.0.0.1", port))
        )
        assert process.poll() is None, (folder / "error.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def log_of(tmp_path_factory):
    """Return a function: path → the path that nginx logs for it."""
    folder = tmp_path_factory.mktemp("nginx")
    with running_nginx(folder) as port:

        def ask(path, version="HTTP/1.0"):
            before = (folder / "access.log").read_text()
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                referer = f"https://archive.example.org/recordings/{TOKEN}/"
                connection.sendall(
                    f"GET {path} {version}\r\nReferer: {referer}\r\n\r\n".encode("latin-1")
                )
                while connection.recv(4096):
                    pass
            log = folder / "access.log"
            assert eventually(lambda: len(log.read_text()) > len(before))
            line = log.read_text()[len(before) :]
            return re.search(r'"\S+ (.*)"', line)[1]

        yield ask


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/recordings/{TOKEN}/", "/recordings/***"),
        (f"/recordings/{TOKEN}/audio", "/recordings/***"),  # served under another path
        (f"/%72ecordings/{TOKEN}/", "/recordings/***"),
        (f"/recordings%2F{TOKEN}/", "/recordings/***"),
        (f"//recordings//{TOKEN}/", "/recordings/***"),
        (f"/sessions/../recordings/{TOKEN}/", "/recordings/***"),
        (f"/RECORDINGS/{TOKEN}/", "/RECORDINGS/***"),
        ("/recordings/12-short/", "/recordings/***"),
        ("/admin/set-password/MQ-c5x-0a0a/", "/admin/set-password/***"),
        (f"/requests/{TOKEN}/", "/requests/***"),
        (f"/requests/confirm/{TOKEN}/", "/requests/confirm/***"),
        (f"/requests/received/{SIGNED}/", "/requests/received/***"),
        (f"/alerts/{TOKEN}/stop/", "/alerts/***"),
        (f"/contact/?about=/alerts/{TOKEN}/", "/contact/?about=/alerts/12-***"),
        (f"/contact/?about=%2Frecordings%2F{TOKEN}%2F", "/contact/?about=%2Frecordings%2F12-***"),
        (
            f"/contact/?about=%2Frequests%2Freceived%2F{SIGNED}%2F",
            "/contact/?about=%2Frequests%2Freceived/***",
        ),
        ("/pack/?item=session:x&note=mine", "/pack/***"),
        ("/pack/document.html?note=mine", "/pack/***"),
        ("/alerts/new/?q=china", "/alerts/new/?q=china"),
        ("/requests/link-sent/", "/requests/link-sent/"),
        ("/requests/", "/requests/"),
        ("/sessions/x/recordings/1/?t=5", "/sessions/x/recordings/1/?t=5"),
        ("/sessions/?q=a%20b", "/sessions/?q=a%20b"),
    ],
)
def test_log_contains_no_token(log_of, path, logged):
    assert log_of(path) == logged


def test_invalid_request_is_not_logged(log_of):
    assert log_of(f"/recordings/{TOKEN}/", version="HTTX/9") == "-"
