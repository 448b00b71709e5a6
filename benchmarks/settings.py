"""The site as it is, with one do-nothing view beside it to compare with."""

from sma_archive.settings import *  # noqa: F403 - a settings module takes over another whole

ROOT_URLCONF = "benchmarks.urls"
