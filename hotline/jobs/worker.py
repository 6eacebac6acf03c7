"""The queue's worker: RQ's SimpleWorker inside one app context. It runs one job and no other, as JSON."""

import signal
from types import FrameType
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

    max_connection_wait_time = 5.0  # seconds between two tries to reach a queue server that is away

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the present job, wherever the signal finds the worker."""
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def set_shutdown_requested_date(self) -> None:
        """Note nothing: a signal must not make a running job wait for the queue server, nor fail with it."""

    @property
    def told_to_stop(self) -> bool:
        """Whether somebody asked it to end."""
        return bool(self._stop_requested)

    def perform_job(self, job: Job, queue: Any, execution: Any) -> bool:
        """Run one job and close what it opened. Whoever can write to the queue cannot choose what runs here."""
        try:
            if job.func_name != outbox.HINT or job.args or job.kwargs:
                logs.log.error("the queue holds a job that is none of ours; it is not run")
                job.delete()
                return False
            return bool(super().perform_job(job, queue, execution))
        finally:
            db.session.remove()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log a failed job by its shape. The outbox row still stands, so the sweeper brings it back."""
        if exc_info[1] is not None:
            logs.fault(exc_info[1], doing=str(job.func_name))

    def handle_job_failure(
        self, job: Job, queue: Any, started_job_registry: Any = None, exc_string: str = "", execution: Any = None
    ) -> None:
        """Mark the job as failed, and keep the error's text out of the queue server: it may hold anything."""
        super().handle_job_failure(job, queue, started_job_registry, "", execution)


def work(*, burst: bool = False) -> bool:
    """Work until told to stop. Returns False when the queue server went away and work has to begin anew."""
    queue = outbox.queue()
    worker: Worker | None = None
    current_app.logger.setLevel("ERROR")
    try:
        worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
        worker.work(burst=burst, with_scheduler=False, logging_level="ERROR")
    except (RedisError, OSError) as exc:
        logs.fault(exc, doing="waiting for work")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # RQ's own would call into a worker that is gone
    return burst or (worker is not None and worker.told_to_stop)
