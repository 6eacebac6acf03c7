"""Whether all is well: every part of the portal looked at, for `flask doctor` and for the page of the same lines.

Nothing is changed, nothing is sent, and no check tells anything of a case, an address or a person. Each has its own
patience, so that all of them end; one that fails says so and does not keep the others from being made.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.errors import SettingsError, StorageFull
from hotline.extensions import db
from hotline.rules.checkup import Check, Part, State
from hotline.services import checkup_machine, checkup_stores, checkup_work

LONGEST = 20  # seconds for one statement of a database server

Look = Callable[[], Check]
OF_MACHINE: dict[Part, Look] = {
    Part.DISK: checkup_machine.disk,
    Part.FILES: checkup_machine.files,
    Part.KEYS: checkup_machine.keys,
    Part.RESTORE: checkup_machine.restore,
}
OF_BOTH_STORES: dict[Part, Look] = {
    Part.SIZE: checkup_stores.size,
}
OF_WORK: dict[Part, Look] = {
    Part.SWEEPER: checkup_work.sweeper,
    Part.DELIVERY: checkup_work.delivery,
    Part.QUEUE: checkup_work.queue,
    Part.WORKER: checkup_work.worker,
    Part.INBOX: checkup_work.inbox,
    Part.OUTBOX: checkup_work.outbox_rows,
    Part.UNREAD: checkup_work.unread,
    Part.FAILED_LETTERS: checkup_work.failed_letters,
    Part.KEPT_LETTERS: checkup_work.kept_letters,
}
OF_TRAIL: dict[Part, Look] = {
    Part.AUDIT: checkup_work.trail,
    Part.ANCHOR: checkup_work.anchor,
    Part.BACKUP: checkup_work.backup,
    Part.CLOCK: checkup_machine.machine_clock,
}
OF_SETTINGS: dict[Part, Look] = {
    Part.ZONE: checkup_machine.zone,
    Part.LANGUAGES: checkup_machine.languages,
    Part.ADDRESSES: checkup_machine.addresses,
}
NEED_NO_STORE = {Part.QUEUE, Part.WORKER}


def run(*, mail: bool = False, deep: bool = False) -> list[Check]:
    """Look at every part, in the order of `Part`.

    `mail` also connects to the mail servers and signs in there; `deep` reads all of both stores and of the audit trail.
    """
    found = list(_stores())
    are_fit = all(one.state is State.WELL for one in found if one.part in checkup_stores.FIT)
    of_mail = checkup_work.mail_tried if mail else checkup_work.mail_set
    of_box = checkup_work.mailbox_tried if mail else checkup_work.mailbox_set
    deeply = {Part.INTEGRITY: checkup_stores.integrity} if deep else {}
    trail = OF_TRAIL | ({Part.AUDIT: checkup_work.whole_trail} if deep else {})
    asked: dict[Part, Look] = {Part.MAIL: of_mail, Part.MAILBOX: of_box, Part.NAMES: checkup_work.names}
    alone = OF_MACHINE | asked | OF_SETTINGS
    with_stores = OF_BOTH_STORES | deeply | OF_WORK | trail
    found += [_made(part, look) for part, look in alone.items()]
    found += [
        _made(part, look, reads=are_fit) if are_fit or part in NEED_NO_STORE else Check(part, State.LOOK, "store")
        for part, look in with_stores.items()
    ]
    order = list(Part)
    return sorted(found, key=lambda one: order.index(one.part))


def _stores() -> Iterator[Check]:
    """Look at both stores, and at their tables where they answer."""
    for store, parts in checkup_stores.PARTS.items():
        answers = _made(parts.store, lambda store=store: checkup_stores.store(store))  # type: ignore[misc]
        yield answers
        if answers.code in checkup_stores.ANSWERS:
            yield _made(parts.schema, lambda store=store: checkup_stores.tables(store))  # type: ignore[misc]
        else:
            yield Check(parts.schema, State.LOOK, "store")


def _made(part: Part, look: Look, *, reads: bool = False) -> Check:
    """Make one check. One that cannot be made is wrong, and names the class of the error and nothing else.

    `reads` says that it asks stores which are known to answer.
    """
    try:
        if reads:
            _be_patient()
        return look()
    except Exception as exc:  # whatever it is, the others have to be made
        if not isinstance(exc, SQLAlchemyError | StorageFull | SettingsError | OSError):
            logs.fault(exc, doing="looking whether all is well")
        return Check(part, State.WRONG, "failed", {"fault": type(exc).__name__})
    finally:
        with suppress(SQLAlchemyError, StorageFull):
            db.session.rollback()


def _be_patient() -> None:
    """Let no statement of a database server take for ever."""
    if db.engine.dialect.name == "postgresql":
        with suppress(SQLAlchemyError, StorageFull):
            db.session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST}s'"))
