"""What people have settled about a host or a whole domain: with an owner, a reason and an end. Never a verdict.

The reason is in free words, so it may tell what its author found at an address. Nobody else reads it while the author
has a part in looks at that host which two people have not come to an end with.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, and_, or_, select

from hotline import clock, vault
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.hosting import HostRule
from hotline.models.item import Item
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import addresses, domains
from hotline.rules.addresses import Address
from hotline.rules.standing import UNDECIDED
from hotline.services import audit, items, references
from hotline.vault import Blind
from hotline.vocabulary import HostRuleKind, ItemStatus, Proxy

HOST, NOTE = "rule.host", "rule.note"
PERIODS = (30, 90, 180, 365)  # days a rule may hold
SOON = timedelta(days=14)  # before its end a rule is shown as ending
LONGEST_NOTE = 1_000
SHOWN_ENDED = 50
AGAINST = {HostRuleKind.PROXY: HostRuleKind.NOT_PROXY, HostRuleKind.NOT_PROXY: HostRuleKind.PROXY}


@dataclass(frozen=True, slots=True)
class Opened:
    """A rule with what is sealed in it; empty where it does not open. `note` is None while this reader has to wait."""

    rule: HostRule
    host: str  # defanged
    note: str | None
    ends_soon: bool


def about(item: Item) -> list[HostRule]:
    """Return the rules in force about an item's host, or the domain it belongs to."""
    query = _in_force().where(
        or_(
            and_(HostRule.host_index == item.host_index, ~HostRule.whole_domain),
            and_(HostRule.host_index == item.domain_index, HostRule.whole_domain),
        )
    )
    return list(db.session.scalars(query.order_by(HostRule.id)))


def provider_of(item: Item) -> Recipient | None:
    """Return who is settled to host an item's host, while they still get letters: a rule of the host goes first."""
    kind = HostRuleKind.PROVIDER
    found = [one.recipient for one in nearest_first(about(item)) if one.kind is kind and one.recipient]
    return next((one for one in found if one.active), None)


def proxy_of(rules: Iterable[HostRule]) -> Proxy | None:
    """Return what rules in force about one host say of its standing before others; None where none does."""
    said = {HostRuleKind.PROXY: Proxy.CDN, HostRuleKind.NOT_PROXY: Proxy.NONE}
    return next((said[rule.kind] for rule in nearest_first(rules) if rule.kind in said), None)


def nearest_first(rules: Iterable[HostRule]) -> list[HostRule]:
    """Return rules of the host itself before those of its whole domain, since people knew more when they made them."""
    return sorted(rules, key=lambda rule: rule.whole_domain)


def list_in_force(*, by: Staff) -> list[Opened]:
    """Return every rule in force, those that end first on top."""
    found = db.session.scalars(_in_force().order_by(HostRule.expires_at, HostRule.id)).all()
    waits = waiting_words(by=by)
    return [_opened(one, may_read=not waits(one.made_by_id, one.host_index)) for one in found]


def list_over(*, by: Staff) -> list[Opened]:
    """Return the rules that ended last, the newest first."""
    over = or_(HostRule.ended_at.is_not(None), HostRule.expires_at <= clock.now())
    query = select(HostRule).where(over).order_by(HostRule.id.desc()).limit(SHOWN_ENDED)
    found, waits = db.session.scalars(query).all(), waiting_words(by=by)
    return [_opened(one, may_read=not waits(one.made_by_id, one.host_index)) for one in found]


def waiting_words(*, by: Staff, but: Item | None = None) -> Callable[[int, bytes], bool]:
    """Return what tells whether words of an author (id) about a host or domain (blind index) must wait for `by`.

    They wait while the author has a part in looks there that are not decided, other than at the item `but`.
    """
    known: dict[int, set[bytes]] = {}

    def waits(author_id: int, index: bytes) -> bool:
        if author_id == by.id:
            return False
        if author_id not in known:
            known[author_id] = _looked_at(author_id, but=but)
        return index in known[author_id]

    return waits


def get(ref: str, *, by: Staff) -> HostRule:
    """Return the rule `ref`. Raises NotFound, also for people who may not see hosts."""
    found = db.session.scalar(select(HostRule).where(HostRule.ref == ref))
    if found is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no rule {ref}")
    return found


def add(
    host: str, kind: HostRuleKind, *, whole_domain: bool, recipient: Recipient | None, note: str, days: int, by: Staff
) -> HostRule:
    """Settle something about a host, for so many days. Raises Refused with everything that is wrong."""
    name, note = _host_in(host), note.strip()
    wrong = {
        ("host", "no_host"): not name,
        ("recipient", "required"): kind is HostRuleKind.PROVIDER and recipient is None,
        ("note", "length"): not 3 <= len(note) <= LONGEST_NOTE,
        ("days", "unknown"): days not in PERIODS,
    }
    if faults := tuple(fault for fault, is_wrong in wrong.items() if is_wrong):
        raise Refused(*faults)
    name = domains.registrable(name) if whole_domain else name
    index = vault.keyring().blind(Blind.DOMAIN if whole_domain else Blind.HOST, name)
    same = _in_force().where(HostRule.host_index == index, HostRule.kind == kind)
    if db.session.scalar(same.limit(1)) is not None:
        raise Refused(("host", "settled"))
    against = _in_force().where(HostRule.host_index == index, HostRule.kind == AGAINST.get(kind))
    if kind in AGAINST and db.session.scalar(against.limit(1)) is not None:
        raise Refused(("kind", "against"))
    rule = HostRule(
        ref=references.draw(HostRule.ref, "G"),
        kind=kind,
        host=vault.keyring().seal(HOST, name),
        host_index=index,
        whole_domain=whole_domain,
        recipient_id=recipient.id if recipient and kind is HostRuleKind.PROVIDER else None,
        note=vault.keyring().seal(NOTE, note),
        made_by_id=by.id,
        owner_id=by.id,
        made_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    db.session.add(rule)
    db.session.flush()
    audit.record(by, "settled", f"host rule {rule.ref}", kind=kind, days=days)
    return rule


def extend(rule: HostRule, *, days: int, by: Staff) -> None:
    """Let a rule hold for so many days from now; whoever does owns it from now on."""
    if days not in PERIODS:
        raise Refused(("days", "unknown"))
    _refuse_if_over(rule)
    rule.expires_at, rule.owner_id = clock.now() + timedelta(days=days), by.id
    audit.record(by, "extended", f"host rule {rule.ref}", days=days)


def end(rule: HostRule, *, by: Staff) -> None:
    """End a rule now. Raises WrongState when it is over already."""
    _refuse_if_over(rule)
    rule.ended_at = clock.now()
    audit.record(by, "ended", f"host rule {rule.ref}")


def is_in_force(rule: HostRule) -> bool:
    """Whether a rule still holds."""
    return rule.ended_at is None and rule.expires_at > clock.now()


def host_of(rule: HostRule) -> str:
    """Return the host a rule is about, defanged; empty where it does not open."""
    return addresses.defang_host(items.opened_or_empty(HOST, rule.host))


def _refuse_if_over(rule: HostRule) -> None:
    if not is_in_force(rule):
        raise WrongState(f"{rule.ref} is over")


def _in_force() -> Select[HostRule]:
    return select(HostRule).where(HostRule.ended_at.is_(None), HostRule.expires_at > clock.now())


def _looked_at(staff_id: int, *, but: Item | None) -> set[bytes]:
    """Return the indexes of the hosts and domains whose undecided items somebody has looked at, or looks at."""
    is_open = Item.status != ItemStatus.CLOSED  # what the indexes over open items ask for
    undecided = select(Item.host_index, Item.domain_index).where(is_open, Item.status.in_(UNDECIDED))
    if but is not None:
        undecided = undecided.where(Item.id != but.id)
    third = select(Assessment.item_id).where(Assessment.assessor_id == staff_id)
    parts = (
        undecided.where(Item.assessor_id == staff_id),
        undecided.where(Item.reviewer_id == staff_id),
        undecided.where(Item.status == ItemStatus.DISPUTED, Item.id.in_(third)),
    )
    return {index for part in parts for pair in db.session.execute(part) for index in pair}


def _opened(rule: HostRule, *, may_read: bool) -> Opened:
    soon = is_in_force(rule) and rule.expires_at < clock.now() + SOON
    return Opened(rule, host_of(rule), items.opened_or_empty(NOTE, rule.note) if may_read else None, soon)


def _host_in(typed: str) -> str:
    """Return the host of what was typed, be it a host or an address, defanged or not; empty where there is none."""
    found = addresses.read(typed.strip()[: addresses.MAX_LENGTH]).found
    only: Address | None = found[0] if len(found) == 1 else None
    return only.host if only else ""
