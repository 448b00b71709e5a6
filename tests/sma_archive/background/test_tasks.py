from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sma_archive.background import tasks

pytestmark = pytest.mark.django_db


def running_for(minutes):
    tasks.heartbeat.enqueue()
    started = timezone.now() - timedelta(minutes=minutes)
    DBTaskResult.objects.update(status="RUNNING", started_at=started)


def test_waiting_heartbeat_prevents_another_one():
    tasks.enqueue_heartbeat()
    tasks.enqueue_heartbeat()

    assert DBTaskResult.objects.count() == 1


def test_orphaned_task_is_queued_again():
    running_for(minutes=16)

    assert tasks.requeue_orphans() == 1
    assert DBTaskResult.objects.get().status == "READY"


def test_running_task_is_not_queued_again():
    running_for(minutes=14)

    assert tasks.requeue_orphans() == 0
    assert DBTaskResult.objects.get().status == "RUNNING"


@pytest.mark.parametrize(("hours", "left"), [(23, 1), (25, 0)])
def test_task_results_are_kept_for_a_day(hours, left):
    tasks.heartbeat.enqueue()
    DBTaskResult.objects.update(
        status="SUCCESSFUL", finished_at=timezone.now() - timedelta(hours=hours)
    )

    tasks.purge_task_results()

    assert DBTaskResult.objects.count() == left
