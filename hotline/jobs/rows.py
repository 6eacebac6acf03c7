"""The rows of the outbox, worked off: by the worker when it is told, by the sweeper where nobody else does."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, takewhile
from operator import itemgetter

from rq.timeouts import JobTimeoutException

from hotline import logs, outbox
from hotline.extensions import db
from hotline.jobs import (
    demo,
    digests,
    exchange,
    follow_ups,
    help_requests,
    hosting,
    iccam,
    incidents,
    messages,
    notices,
    online,
    referrals,
    reports,
    uploads,
)
from hotline.services import heartbeats
from hotline.transactions import writing
from hotline.vocabulary import Pulse

ALONE: dict[str, Callable[[int], None]] = {
    "hotline.jobs.incidents.deliver_incident_letter": incidents.deliver_incident_letter,
    "hotline.jobs.referrals.deliver_referral": referrals.deliver_referral,
    "hotline.jobs.follow_ups.follow_up": follow_ups.follow_up,
    "hotline.jobs.digests.deliver_digest": digests.deliver_digest,
    "hotline.jobs.demo.fill_desk": demo.fill_desk,
    "hotline.jobs.messages.deliver_answer": messages.deliver_answer,
    "hotline.jobs.hosting.look_up_waiting": hosting.look_up_waiting,
    "hotline.jobs.online.look_at_due": online.look_at_due,
    "hotline.jobs.uploads.work_off_list": uploads.work_off_list,
    "hotline.jobs.exchange.put_message": exchange.put_message,
    "hotline.jobs.exchange.take_back_offers": exchange.take_back_offers,
    "hotline.jobs.exchange.renew_door": exchange.renew_door,
    "hotline.jobs.iccam.send_steps": iccam.send_steps,
}
TOGETHER: dict[str, Callable[[Sequence[int]], None]] = {
    "hotline.jobs.reports.move_reports_on": reports.move_reports_on,
    "hotline.jobs.help_requests.move_requests_on": help_requests.move_requests_on,
}
IN_TURN: dict[str, Callable[[Iterable[int]], None]] = {
    "hotline.jobs.notices.deliver_notice": notices.deliver_notices,
}
BATCH = 20
LONGEST = 45.0  # seconds after which nothing more is begun; `services/mailing.LEASE` adds it up with a slow mail server


def work_off(seconds: float = LONGEST, stopped: Callable[[], bool] = lambda: False) -> None:
    """Do what is due, soonest first. After `seconds` the rest is left to another hint, so that nothing else waits."""
    over = time.monotonic() + seconds

    def is_over() -> bool:
        return stopped() or time.monotonic() > over

    while not is_over() and (tasks := _take()):
        for job, record_ids in _portions(tasks):
            if is_over():
                break
            if job in IN_TURN:
                _do_in_turn(job, takewhile(lambda _: not is_over(), record_ids))
            else:
                _do(job, record_ids)
    heartbeats.beat(Pulse.DELIVERY)
    if is_over():
        outbox.hint()


def _take() -> list[tuple[str, int]]:
    with writing():
        return outbox.take_due(db.session(), most=BATCH)


def _portions(tasks: list[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    """Yield what is done in one go, soonest first; jobs that take many records at once come last."""
    together: dict[str, list[int]] = defaultdict(list)
    for job, neighbours in groupby(tasks, key=itemgetter(0)):
        record_ids = [record_id for _, record_id in neighbours]
        if job in TOGETHER:
            together[job] += record_ids
        elif job in IN_TURN:
            yield job, record_ids
        else:
            yield from ((job, [record_id]) for record_id in record_ids)
    yield from together.items()


def _do(job: str, record_ids: list[int]) -> None:
    """Run one job. Its fault is logged by its shape and holds nothing up: the row still stands."""
    try:
        if job in TOGETHER:
            TOGETHER[job](record_ids)
        else:
            ALONE[job](*record_ids)
    except JobTimeoutException:
        raise  # the time of the whole is over, not of this one
    except Exception as exc:
        logs.fault(exc, doing=job)
        for record_id in record_ids if len(record_ids) > 1 else ():
            _do(job, [record_id])  # one that cannot be done must not keep the others from it
    finally:
        db.session.remove()


def _do_in_turn(job: str, record_ids: Iterator[int]) -> None:
    """Run a job that draws its records one by one. A fault is logged, and the job goes on with the next record."""
    for first in record_ids:
        try:
            IN_TURN[job](chain((first,), record_ids))
        except JobTimeoutException:
            raise  # the time of the whole is over, not of this one
        except Exception as exc:
            logs.fault(exc, doing=job)
        finally:
            db.session.remove()
