"""Abuse contacts that registries named and the directory does not know: they get nothing before a person says so."""

from datetime import datetime

from sqlalchemy import func, or_, select

from hotline.errors import Refused, WrongState
from hotline.extensions import db
from hotline.models.recipient import Recipient, RecipientMark
from hotline.models.staff import Staff
from hotline.rules import entries, marks
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account
from hotline.services import audit, directory, references
from hotline.vocabulary import Language, Mark, Proxy, RecipientKind, RecipientSource

MOST_OPEN = 500  # no more wait at once: whoever owns networks could name any number of mailboxes
SHOWN_DISMISSED = 100


def take_up(account: Account, *, at: datetime) -> None:
    """Propose whom registries name for a host's network, above it and for its name, where the directory knows no
    mailbox of theirs.

    `at` is kept to the hour by the caller where a report led to the look; so nothing is written into the audit trail.
    A mailbox under the reported name itself is left out: it may be the site owner's, and would tell in clear what was
    reported.
    """
    first = account.first
    if first is not None and (abuse := _not_of_the_site(first.abuse, account)):
        is_proxy = account.proxy is Proxy.CDN
        kind = RecipientKind.CDN if is_proxy else RecipientKind.HOSTING_PROVIDER
        name = account.proxy_name or first.label
        _propose(name, kind, abuse, first.country, marks.of_network(account), at=at)
    giver = account.giver
    if giver is not None and (abuse := _not_of_the_site(giver.abuse, account)):
        _propose(giver.label, RecipientKind.HOSTING_PROVIDER, abuse, giver.country, marks.of_giver(account), at=at)
    domain = account.domain
    if domain is not None and domain.registrar and (abuse := _not_of_the_site(domain.abuse, account)):
        _propose(domain.registrar, RecipientKind.REGISTRAR, abuse, "", marks.of_registrar(account), at=at)


def _not_of_the_site(mailboxes: tuple[str, ...], account: Account) -> tuple[str, ...]:
    name = account.domain.name.lower() if account.domain else ""
    return tuple(one for one in mailboxes if not name or not f".{one.rpartition('@')[2].lower()}".endswith(f".{name}"))


def list_open() -> list[Recipient]:
    """Return the proposals that wait for a person, oldest first."""
    query = select(Recipient).where(Recipient.proposed_at.is_not(None), Recipient.active)
    return list(db.session.scalars(query.order_by(Recipient.proposed_at, Recipient.id)))


def list_dismissed(*, like: str = "", after: str = "") -> tuple[list[Recipient], str]:
    """Return proposals that somebody dismissed, the newest first, and the cursor of the next page (empty at the end).

    `like` is part of a name or a mailbox. Raises Refused for a cursor that is none.
    """
    query = select(Recipient).where(Recipient.proposed_at.is_not(None), ~Recipient.active)
    if like:
        columns = (Recipient.name, Recipient.mailbox)
        query = query.where(or_(*(one.icontains(like, autoescape=True) for one in columns)))
    if after:
        query = query.where(Recipient.id < _place(after))
    found = list(db.session.scalars(query.order_by(Recipient.id.desc()).limit(SHOWN_DISMISSED + 1)))
    shown = found[:SHOWN_DISMISSED]
    return shown, str(shown[-1].id) if len(found) > len(shown) else ""


def count_open() -> int:
    """Return how many proposals wait for a person."""
    query = select(func.count()).select_from(Recipient).where(Recipient.proposed_at.is_not(None), Recipient.active)
    return db.session.scalar(query) or 0


def approve(recipient: Recipient, *, by: Staff) -> None:
    """Make a proposal an entry, still to be verified; also one that was dismissed.

    Raises Refused (`approve`, `incomplete`) while something is missing that a person would have had to type.
    """
    _refuse_unless_proposed(recipient)
    if not isinstance(_judged(recipient), Entry):
        raise Refused(("approve", "incomplete"))
    directory.note(recipient, directory.Event.PROPOSED, "proposed", "approved", by=by)
    recipient.proposed_at, recipient.active = None, True
    audit.record(by, "approved", f"recipient {recipient.ref}")


def dismiss(recipient: Recipient, *, by: Staff) -> None:
    """Let a proposal get nothing; its mailbox is not proposed again."""
    _refuse_unless_proposed(recipient)
    if not recipient.active:
        raise WrongState(f"{recipient.ref} is dismissed already")
    directory.note(recipient, directory.Event.PROPOSED, "proposed", "dismissed", by=by)
    recipient.active = False
    audit.record(by, "dismissed", f"recipient {recipient.ref}")


def join(recipient: Recipient, ref: str, *, by: Staff) -> Recipient:
    """Say that a proposal is an entry of the directory under another mailbox: the entry is known by its marks from now
    on. Raises Refused (`into`, `required`) when there is no such entry."""
    _refuse_unless_proposed(recipient)
    query = select(Recipient).where(Recipient.ref == ref, Recipient.proposed_at.is_(None))
    entry = db.session.scalar(query)
    if entry is None:
        raise Refused(("into", "required"))
    known = {(one.mark, one.value) for one in entry.marks}
    brought = [(Mark.MAILBOX, recipient.mailbox.lower()), *((one.mark, one.value) for one in recipient.marks)]
    for mark, value in dict.fromkeys(brought):
        if (mark, value) not in known and len(entry.marks) < directory.MOST_MARKS:
            entry.marks.append(RecipientMark(mark=mark, value=value))
            directory.note(entry, directory.Event.MARK, after=value, by=by)
    if recipient.active:
        dismiss(recipient, by=by)
    audit.record(by, "joined", f"recipient {entry.ref}", proposal=recipient.ref)
    return entry


def _propose(
    name: str,
    kind: RecipientKind,
    mailboxes: tuple[str, ...],
    country: str,
    found: frozenset[tuple[Mark, str]],
    *,
    at: datetime,
) -> None:
    plain = [one.lower() for one in mailboxes if entries.MAILBOX.fullmatch(one)]
    if not plain or _is_known(plain) or count_open() >= MOST_OPEN:
        return
    proposed = Recipient(
        ref=references.draw(Recipient.ref, "D"),
        name=name if len(name) >= entries.SHORTEST_NAME else plain[0].partition("@")[2],
        kind=kind,
        mailbox=plain[0],
        country=country,
        language=Language.EN,
        source=RecipientSource.RDAP,
        proposed_at=at,
        marks=[RecipientMark(mark=mark, value=value) for mark, value in sorted(found)],
    )
    db.session.add(proposed)
    db.session.flush()
    directory.note(proposed, directory.Event.ADDED, after=RecipientSource.RDAP, by=None, at=at)


def _place(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise Refused(("after", "unknown"))
    return int(cursor)


def _is_known(mailboxes: list[str]) -> bool:
    own = select(Recipient.id).where(func.lower(Recipient.mailbox).in_(mailboxes)).limit(1)
    marked = (
        select(RecipientMark.id)
        .join(Recipient, Recipient.id == RecipientMark.recipient_id)
        .where(RecipientMark.mark == Mark.MAILBOX, RecipientMark.value.in_(mailboxes))
        .limit(1)
    )
    return db.session.scalar(own) is not None or db.session.scalar(marked) is not None


def _judged(recipient: Recipient) -> Entry | tuple[tuple[str, str], ...]:
    typed = {field: getattr(recipient, field) for field in directory.FIELDS}
    return entries.judge(**{field: "" if value is None else str(value) for field, value in typed.items()})


def _refuse_unless_proposed(recipient: Recipient) -> None:
    if recipient.proposed_at is None:
        raise WrongState(f"{recipient.ref} is no proposal")
