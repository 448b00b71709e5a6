"""The site's settings, with an additional do-nothing view for comparison."""

from sma_archive.settings import *  # noqa: F403 - a settings module takes over another whole

ROOT_URLCONF = "benchmarks.urls"
