"""What else a letter may list beside the item that it is about: addresses that its recipient can act on too.

Read off small indexes, and cut: it costs the same however many items there are.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, func, select, text, true

from hotline import vault
from hotline.extensions import db
from hotline.models.item import OPEN, Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReportItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.services import notice_grounds, police_first, routing
from hotline.vault import Blind
from hotline.vocabulary import Channel, ItemStatus, Mark

_IS_DECIDED = text("items.status = 'decided'")  # in the very words of the indexes over what waits for a letter
_IS_ACTING = Item.status == ItemStatus.ACTING  # something has left: to others, where no letter stands
MOST_OPEN = 500  # items of the host, the most pressing first, among which is looked for such
MOST_REPORTS = 5  # to the police, newest first, whose other items are looked at
MOST_NETWORKS = 100  # names of networks with something that waits, among which a recipient's other ones are looked for


def candidates(item: Item, *, channel: Channel, by: Staff, most: int = 100) -> list[Item]:
    """Return other items that a letter about `item` may list too: agreed on, and in no such letter yet.

    Those on the same host come first, then those in the same network, then what leads to the same recipients; each the
    oldest first. They may be told to the police already. What does not fit is left out, and what waits for the police
    where `item` does not.
    """
    template = notice_grounds.letter_about(item, channel)
    if template is None:
        return []
    free = _free(item, channel)
    found: dict[int, Item] = {}
    for query in _places(item, free):
        if len(found) >= most:
            break
        some = db.session.scalars(query.order_by(Item.id).limit(most), police_first.told())
        found |= {one.id: one for one in some if one.id not in found}
    fitting = [one for one in found.values() if notice_grounds.letter_about(one, channel) is template]
    return fitting[:most]


def _free(item: Item, channel: Channel) -> Select[Item]:
    """Return the query for items that no letter through `channel` lists, and that go no later than `item`."""
    written = select(NoticeItem.id).join(Notice).where(NoticeItem.item_id == Item.id, Notice.channel == channel)
    free = select(Item).where(Item.id != item.id, ~written.where(Notice.status.in_(notice_grounds.STANDING)).exists())
    if channel in police_first.WAITS and not police_first.waits(item, channel):
        free = free.where(police_first.WAITS[channel].is_not(true()))  # of some no country is known
    return free


def _places(item: Item, free: Select[Item]) -> Iterator[Select[Item]]:
    """Yield where others are looked for, the nearest first; the later ones are worked out only where they are asked."""
    yield free.where(_IS_DECIDED, Item.host_index == item.host_index)
    yield free.where(_IS_ACTING, Item.id.in_(_most_pressing(item)))
    if item.network:
        yield free.where(_IS_DECIDED, Item.network == item.network)
        yield free.where(_IS_ACTING, Item.network == item.network, Item.id.in_(_told_together(item)))
    able = _able(item)
    if names := _networks_of(able):
        yield free.where(_IS_DECIDED, Item.network.in_(names))
    if hosts := _hosts_of(able):
        yield free.where(_IS_DECIDED, Item.host_index.in_(hosts))


def _most_pressing(item: Item) -> Select[int]:
    """Return the ids of the most pressing open items on the same host, off the index of what is open."""
    here = select(Item.id).where(OPEN, Item.host_index == item.host_index)
    some = here.order_by(Item.urgency, Item.turn_at, Item.id).limit(MOST_OPEN).subquery()
    return select(some.c.id)


def _told_together(item: Item) -> Select[int]:
    """Return the ids of what stands in the newest police reports beside `item`."""
    told = select(PoliceReportItem.report_id).where(PoliceReportItem.item_id == item.id)
    newest = told.order_by(PoliceReportItem.report_id.desc()).limit(MOST_REPORTS).subquery()
    return select(PoliceReportItem.item_id).where(PoliceReportItem.report_id.in_(select(newest.c.report_id)))


def _able(item: Item) -> Sequence[Recipient]:
    """Return who hosts an item, or runs its platform, as its route names them."""
    guide = routing.guide(item)
    if guide is None:
        return ()
    named = (*guide.facts.settled, *guide.facts.platforms, *guide.facts.hosts)
    return [guide.recipients[ref] for ref in dict.fromkeys(named)]


def _networks_of(able: Sequence[Recipient]) -> list[str]:
    """Return the names, as items bear them, of those recipients' networks in which something waits for a letter."""
    wanted = {one.value for recipient in able for one in recipient.marks if one.mark is Mark.NETWORK}
    return [name for name in _waiting_networks() if name.lower() in wanted] if wanted else []


def _waiting_networks() -> Iterator[str]:
    """Yield the names of networks in which something waits, each found by one step into the index."""
    last = ""
    for _ in range(MOST_NETWORKS):
        later: ColumnElement[bool] = Item.network > last
        name = db.session.scalar(select(func.min(Item.network)).where(_IS_DECIDED, later))
        if name is None:
            return
        yield name
        last = name


def _hosts_of(able: Sequence[Recipient]) -> list[bytes]:
    """Return where those recipients' own hosts are found."""
    names = {one.value for recipient in able for one in recipient.marks if one.mark is Mark.DOMAIN}
    return [vault.keyring().blind(Blind.HOST, name) for name in sorted(names)]
