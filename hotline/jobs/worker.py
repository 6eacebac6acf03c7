"""The queue's worker: RQ's SimpleWorker inside one app context, with JSON jobs only."""

from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from hotline import logs, outbox
from hotline.extensions import db


class Worker(SimpleWorker):
    """Runs jobs in its own process; leaves no session open, and no value in the queue server."""

    def perform_job(self, job: Job, queue: Any, execution: Any) -> bool:
        """Run one job and close what it opened."""
        try:
            return bool(super().perform_job(job, queue, execution))
        finally:
            db.session.remove()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log a failed job by its shape. The outbox row still stands, so the sweeper brings it back."""
        if exc_info[1] is not None:
            logs.fault(exc_info[1], doing=str(job.func_name))


def work(*, burst: bool = False) -> bool:
    """Work until told to stop. Returns False when the queue server went away."""
    queue = outbox.queue()
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.log.setLevel("ERROR")
    current_app.logger.setLevel("ERROR")
    try:
        worker.work(burst=burst, with_scheduler=False, logging_level="ERROR")
    except (RedisError, OSError) as exc:
        logs.fault(exc, doing="waiting for work")
        return False
    return True
