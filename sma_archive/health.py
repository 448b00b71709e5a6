"""Liveness and readiness, for whoever watches the site."""

import tempfile
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from search_app.room import status

LATE = timedelta(minutes=10)  # a task waiting longer means that no worker is at work


def healthz(request):
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def check_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_index():
    found = status()
    if not found["ready"]:
        raise RuntimeError("no index yet")


def check_storage():
    settings.PRIVATE_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.PRIVATE_ROOT) as file:
        file.write(b"writable")


def check_queue():
    waiting = DBTaskResult.objects.filter(
        status="READY", enqueued_at__lt=timezone.now() - LATE
    ).count()
    if waiting:
        raise RuntimeError(f"{waiting} tasks wait for a worker")


CHECKS = {
    "database": check_database,
    "index": check_index,
    "storage": check_storage,
    "queue": check_queue,
}


def readyz(request):
    """Answer {"ready": …, "checks": {name: "ok" or the kind of failure}}; 503 when not ready."""
    results = {}
    for name, check in CHECKS.items():
        try:
            check()
            results[name] = "ok"
        except Exception as error:  # whatever it is, the answer says so and nothing secret
            results[name] = str(error) if isinstance(error, RuntimeError) else type(error).__name__
    ready = all(result == "ok" for result in results.values())
    return JsonResponse(
        {"ready": ready, "checks": results},
        status=200 if ready else 503,
        headers={"Cache-Control": "no-store"},
    )
