"""The box in the front store for answers from the public page: sealed on arrival. Needs no private key."""

import json

from sqlalchemy import func, insert, select

from hotline import clock, vault
from hotline.errors import Refused
from hotline.models.reply import ReplyInbound
from hotline.rules.replies import MOST_UNMOVED, Given, judge
from hotline.services import inbox

PURPOSE = "reply.inbound"


def take(ref: str, given: Given, *, nonce: str) -> None:
    """Seal and store an answer to the notice `ref`. The same `nonce` gives one row, however often it comes.

    Raises Refused (`answer`, `too_many`) while so many answers to this notice wait that nobody has read, and
    StorageFull when nothing can be written.
    """
    row_id = bytes.fromhex(vault.keyring().link_mark(f"answer:{ref}:{nonce}"))
    facts = {
        "answer": given.answer,
        "when": given.when.isoformat() if given.when else "",
        "whose": given.whose,
        "words": given.words,
    }
    row = {
        "id": row_id,
        "notice_ref": ref,
        "body": vault.keyring().seal(PURPOSE, json.dumps(facts, ensure_ascii=False)),
        "received_at": clock.now(),
    }
    known = select(ReplyInbound.id).where(ReplyInbound.id == row_id)
    waiting = select(func.count()).select_from(ReplyInbound).where(ReplyInbound.notice_ref == ref)
    with inbox.in_turn() as connection:
        if connection.scalar(known) is not None:
            return
        if (connection.scalar(waiting) or 0) >= MOST_UNMOVED:
            raise Refused(("answer", "too_many"))
        connection.execute(insert(ReplyInbound), row)


def opened(body: str) -> Given:
    """Read back what `take` sealed, and judge it as the page did: a process that was taken over may have sealed it.

    Raises ValueError, KeyError or TypeError when it is no answer.
    """
    facts = json.loads(body)
    said = {name: str(facts[name]) for name in ("answer", "when", "whose", "words")}
    given = judge(**said, today=clock.now().date()).given
    if given is None:
        raise ValueError("no answer that the page takes")
    return given
