"""The queue's doors: fetch by id, call one service, safe to run twice. `JOBS` is all that may run."""

from collections.abc import Callable

from hotline.jobs import notices, reports

JOBS: dict[str, Callable[[int], None]] = {
    f"{job.__module__}.{job.__name__}": job for job in (notices.deliver_notice, reports.move_report_on)
}
