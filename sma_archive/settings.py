"""Settings of the archive: one file, driven by the environment (see README, "Settings").

Without DATABASE_URL the site runs embedded: SQLite, files and mail below var/. With it, the site
counts as deployed and refuses to start without its secrets.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from sma_archive.configuration.storage_urls import (
    bucket_origins,
    folder_of,
    is_bucket,
    media_storage_settings,
    private_storage_settings,
)

from .configuration import environment

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules
env = environment.env
if TESTING:
    # Test runs use files of their own and never those of the developer's site.
    VAR_DIR = Path(tempfile.mkdtemp(prefix="archive-test-"))
    atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
else:
    env.read_env(os.environ.get("ARCHIVE_ENV_FILE", BASE_DIR / ".env"))
    VAR_DIR = Path(env("VAR_DIR", default="") or BASE_DIR / "var").absolute()
EMBEDDED = not env("DATABASE_URL", default="")
DEBUG = environment.switch_setting("DEBUG", default=False)
environment.folder("VAR_DIR", VAR_DIR)
RELEASE = "0.1.0"

SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if not EMBEDDED and not TESTING:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set when DATABASE_URL is. Generate one: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    SECRET_KEY = environment.embedded_secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# The site

# `serve` sets SERVED_AT, so that links in mail from an embedded site use its port.
SITE_URL = environment.site_url(env("SERVED_AT", default="http://127.0.0.1:8000"))
SITE_NAME = env("SITE_NAME", default="Speaker Series Archive")
ARCHIVE_CONTACT_EMAIL = env("ARCHIVE_CONTACT_EMAIL", default="archive@localhost")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=ARCHIVE_CONTACT_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DEMO = environment.switch_setting("DEMO", default=EMBEDDED and not TESTING)
IS_HTTPS = urlsplit(SITE_URL).scheme == "https"
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]", urlsplit(SITE_URL).hostname],
)
# The pages of the old site had URLs with and without these prefixes.
OLD_SITE_PREFIXES = env.list("OLD_SITE_PREFIXES", default=["/social"])
# How long counts (of redirects, of searches with few results) are collected before they are
# written.
COUNT_WRITE_SECONDS = 0 if TESTING else 30

OWN_APPS = (
    "preservation_app",
    "alerts_app",
    "recordings_app",
    "ingest_app",
    "sessions_app",
    "speakers_app",
    "desk_app",
    "site_app",
    "search_app",
)
INSTALLED_APPS = [
    "sma_archive",
    *OWN_APPS,
    "sma_archive.admin_site.ArchiveAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular",
    "import_export",
    "rest_framework",
    "reversion",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    # Outside the page cache: the header is the same for all origins.
    "sma_archive.server.cross_origin.CrossOriginMiddleware",
    # Before the page cache and everything that produces text.
    "site_app.http.languages.LocaleMiddleware",
    "sma_archive.api_problems.ApiProblemMiddleware",  # before everything that may reject a request
    "site_app.http.rate_limit.RateLimitMiddleware",  # cached pages count, too
    "sma_archive.cache.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "site_app.accounts.login_renewal.LoginRenewalMiddleware",
    # Before the CSRF check, which reads the whole body.
    "sma_archive.server.body_limits.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "site_app.redirects.middleware.OldAddressMiddleware",
    "sessions_app.middleware.PreviewMiddleware",
]

ROOT_URLCONF = "sma_archive.urls"
WSGI_APPLICATION = "sma_archive.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],  # almost every template has texts
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "sma_archive.configuration.template_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "site_app.context_processors.site_context",
            ],
        },
    },
]

# Database, cache, mail, files
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "archive.sqlite3",
            "OPTIONS": {
                # IMMEDIATE: a writing transaction takes the lock at its start, so that two writers
                # wait for each other instead of failing with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,  # seconds; requests wait for less (unavailable.MAX_WAIT_SECONDS)
                "init_command": (
                    f"PRAGMA journal_mode=WAL; PRAGMA synchronous={'OFF' if TESTING else 'NORMAL'}; "
                    "PRAGMA cache_size=-8000; PRAGMA mmap_size=268435456; "
                    "PRAGMA temp_store=MEMORY;"
                ),
            },
            # A file, as for a real site: connections of different threads then wait for each other.
            # A database in memory would be one connection shared by all threads.
            "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
        }
    }
else:
    DATABASES = {"default": environment.database()}
    # A server that does not respond must not block every thread for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": environment.cache()}
# The page cache is in the memory of each web process, separate from that cache; 0 disables it.
PAGE_CACHE_BYTES = environment.number_setting("PAGE_CACHE_MIB", default=16) * 1024 * 1024

if email := environment.email():
    vars().update(email)
    if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":  # noqa: F821 - set above
        EMAIL_BACKEND = "site_app.mail.backend.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20  # seconds; a mail server that does not respond must not block the worker

MEDIA_STORAGE_URL = env("MEDIA_STORAGE_URL", default="")
MEDIA_ROOT = folder_of(MEDIA_STORAGE_URL, VAR_DIR / "media")
MEDIA_URL = "/media/"
PRIVATE_STORAGE_URL = env("PRIVATE_STORAGE_URL", default="")
PRIVATE_ROOT = folder_of(PRIVATE_STORAGE_URL, VAR_DIR / "private")
# What serves the audio of recordings: django, nginx (from a folder) or the bucket itself.
PRIVATE_DELIVERY = env("PRIVATE_DELIVERY", default="django")
PRIVATE_ACCEL_PREFIX = "/private-files/"  # an internal location in deploy/nginx.conf
PRIVATE_SIGNED_SECONDS = environment.number_setting("PRIVATE_SIGNED_SECONDS", default=300, least=1)
CARD_DIR = VAR_DIR / "cards"  # card images, generated again when they are missing
INDEX_DIR = folder_of(env("INDEX_DIR", default=""), VAR_DIR / "index")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
environment.folder("VAR_DIR", STATIC_ROOT)
# Visitors do not need source maps, and compressing them takes longer than all other files.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
for name, url in (
    ("MEDIA_STORAGE_URL", MEDIA_STORAGE_URL),
    ("PRIVATE_STORAGE_URL", PRIVATE_STORAGE_URL),
):
    if is_bucket(url):
        environment.needs_package(name, "s3")
STORAGES = {
    # Public media: re-encoded portraits and logos only.
    "default": media_storage_settings(MEDIA_STORAGE_URL),
    # Documents and recordings: never under a public URL.
    "private": private_storage_settings(PRIVATE_STORAGE_URL, PRIVATE_ROOT, PRIVATE_DELIVERY),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if TESTING or DEBUG
            else "sma_archive.configuration.static_storage.ArchiveStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes, without files
DOCUMENT_MAX_BYTES = 50 * 1024 * 1024
RECORDING_MAX_BYTES = 2 * 1024**3
IMAGE_MAX_PIXELS = 40_000_000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("fr", "Français")]  # each in its own language
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "sma_archive.formats"
TIME_ZONE = environment.time_zone()
USE_TZ = True
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Accounts
AUTHENTICATION_BACKENDS = [
    "site_app.accounts.login_limits.LimitedModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
SESSION_COOKIE_AGE = 4 * 3600  # seconds without a request after which a session expires

# Protection
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
RATE_LIMITS = environment.rate_limits(default="5/email,20/address")
# Requests a minute from one address to the API, OAI-PMH and oEmbed; 0: no limit.
API_RATE_LIMIT = (
    0 if RATE_LIMITS == "off" else environment.number_setting("API_RATE_LIMIT", default=6000)
)
REQUEST_CONFIRMATION = environment.switch_setting("REQUEST_CONFIRMATION", default=True)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, *bucket_origins(PRIVATE_DELIVERY, PRIVATE_STORAGE_URL)],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY = {
    feature: []
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "site_app.forms.resubmission.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if IS_HTTPS else []

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "sessions_app.api.schema.ArchiveSchema",
    "EXCEPTION_HANDLER": "sma_archive.api.problem_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "site_app.http.content_negotiation.UnknownFormatIgnored",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Speaker Series Archive",
    "DESCRIPTION": "Sessions, recommendations, speakers, organisations, topics, series, regions.",
    "VERSION": RELEASE,
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["sessions_app.api.schema.make_record_fields_optional"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"mask_tokens": {"()": "sma_archive.server.log_masking.MaskTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["mask_tokens"],
        }
    },
    # Django's own handlers would write a second, unmasked line.
    "loggers": {
        "django": {"handlers": []},
        # Bagit logs every file; the commands report problems with a bag.
        "bagit": {"level": "CRITICAL"},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
    "root": {"handlers": ["console"], "level": environment.log_level()},
}

if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
