"""An item: one reported address, however many people report it."""

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.vocabulary import Category, HostKind, ItemOutcome, ItemStatus, MergeCause, ReportStatus

LONG_AGO = text("'1970-01-01 00:00:00+00'")  # what every item has been given its own moment for
FAR_DAY = datetime(9000, 1, 1, tzinfo=UTC)  # the turn of what no clock runs for
TURN = "coalesce(due_at, '9000-01-01 00:00:00.000000')"  # as SQLite stores a moment: there it is compared as text
OPEN = text("status <> 'closed'")
DECIDED = text("status = 'decided'")
SETTLED = text("status IN ('decided', 'held', 'acting', 'monitoring', 'closed')")


def _open_index(name: str, *columns: str) -> Index:
    """Return an index over what is open: it stays small however many items there were."""
    return Index(name, *columns, sqlite_where=OPEN, postgresql_where=OPEN)


class Item(Model):
    """One address. Address and host are sealed; the four indexes find them again without telling them."""

    __tablename__ = "items"
    __table_args__ = (
        _open_index("ix_items_open", "urgency", "turn_at", "id"),
        _open_index("ix_items_open_category", "category", "urgency", "turn_at", "id"),
        _open_index("ix_items_open_country", "country", "urgency", "turn_at", "id"),
        _open_index("ix_items_open_age", "urgency", "opened_at", "id"),
        _open_index("ix_items_open_category_age", "category", "urgency", "opened_at", "id"),
        _open_index("ix_items_open_country_age", "country", "urgency", "opened_at", "id"),
        _open_index("ix_items_open_status_age", "status", "urgency", "opened_at", "id"),
        _open_index("ix_items_open_assessor", "assessor_id", "status"),
        _open_index("ix_items_open_reviewer", "reviewer_id", "status", "assessor_id"),
        _open_index("ix_items_open_host", "host_index", "urgency", "turn_at", "id"),
        _open_index("ix_items_open_reports", "report_count", "id"),
        Index(
            "ix_items_open_still",
            "stands_still",
            "urgency",
            "turn_at",
            "id",
            sqlite_where=text("stands_still = 1 AND status <> 'closed'"),
            postgresql_where=text("stands_still AND status <> 'closed'"),
        ),
        Index("ix_items_decided_host", "host_index", "id", sqlite_where=DECIDED, postgresql_where=DECIDED),
        Index("ix_items_decided_network", "network", "id", sqlite_where=DECIDED, postgresql_where=DECIDED),
        Index("ix_items_status", "status", "urgency", "turn_at", "id"),
        Index("ix_items_host_index", "host_index", "id"),
        Index("ix_items_host_settled", "host_index", "id", sqlite_where=SETTLED, postgresql_where=SETTLED),
        Index("ix_items_path_index", "path_index", "id"),
        Index("ix_items_domain_index", "domain_index", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    address: Mapped[bytes]  # sealed, "item.address"
    host: Mapped[bytes]  # sealed, "item.host"
    address_index: Mapped[bytes] = mapped_column(unique=True)
    path_index: Mapped[bytes]
    host_index: Mapped[bytes]
    domain_index: Mapped[bytes]
    category: Mapped[Category] = mapped_column(word(Category))
    in_danger: Mapped[bool] = mapped_column(default=False)
    report_count: Mapped[int] = mapped_column(default=1)
    urgency: Mapped[int]
    host_kind: Mapped[HostKind] = mapped_column(word(HostKind), server_default=HostKind.SITE)
    new_host: Mapped[bool] = mapped_column(default=False, server_default=false())  # the first address on its host
    country: Mapped[str | None]  # where it is hosted, ISO 3166, as the newest look-up says
    network: Mapped[str | None]
    due_at: Mapped[datetime | None]  # when the first of its clocks runs out
    turn_at: Mapped[datetime | None] = mapped_column(Computed(TURN, persisted=True))  # that, or after all others
    stands_still: Mapped[bool] = mapped_column(default=False, server_default=false())  # one of its clocks does
    status: Mapped[ItemStatus] = mapped_column(word(ItemStatus), default=ItemStatus.NEW)
    outcome: Mapped[ItemOutcome | None] = mapped_column(word(ItemOutcome))
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    claimed_at: Mapped[datetime | None]
    review_claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]  # to the hour, since it stems from a public report
    reopened_at: Mapped[datetime | None]  # likewise: it was closed, and has been reported again
    opened_at: Mapped[datetime] = mapped_column(server_default=LONG_AGO)  # the later of the two
    looks_after: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # findings up to this id led to that

    assessor: Mapped[Staff | None] = relationship(foreign_keys=[assessor_id])
    reviewer: Mapped[Staff | None] = relationship(foreign_keys=[reviewer_id])
    mentions: Mapped[list["Mention"]] = relationship(back_populates="item", order_by="Mention.id")


class Mention(Model):
    """One report naming one item, with what was typed."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("item_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    typed: Mapped[bytes]  # sealed, "mention.typed": the line as typed, credentials and all
    behind: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # hours; 0: its report opened the item

    item: Mapped[Item] = relationship(back_populates="mentions")
    report: Mapped[Report] = relationship()


class Step(Model):
    """When an item first was as far as its reporters are told, since it was opened (`rules/progress.py`)."""

    __tablename__ = "item_steps"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    status: Mapped[ReportStatus] = mapped_column(word(ReportStatus), primary_key=True)
    reached_at: Mapped[datetime]


class ItemNote(Model):
    """A note that somebody of the team wrote on an item."""

    __tablename__ = "item_notes"
    __table_args__ = (Index("ix_item_notes_item_id", "item_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[bytes]  # sealed, "item.note"
    written_at: Mapped[datetime]

    author: Mapped[Staff] = relationship()


class Merge(Model):
    """A person found that an item shows what another shows: its reports count there, and work goes on there.

    The database holds, by triggers (`migrations/desk/0011_the_queue.py`): merges make no chain and no circle, what has
    looks or letters is not merged into another, and a merged item stays closed until its merge is undone.
    """

    __tablename__ = "merges"
    __table_args__ = (CheckConstraint("item_id <> into_id", name="two_items"), Index("ix_merges_into_id", "into_id"))

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    merged_at: Mapped[datetime]
    cause: Mapped[MergeCause | None] = mapped_column(word(MergeCause))  # none: merged before this was kept


class MergedMention(Model):
    """A mention that counts elsewhere since a merge, and what it has to become again should the merge be undone."""

    __tablename__ = "merged_mentions"
    __table_args__ = (Index("ix_merged_mentions_item_id", "item_id"),)

    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("merges.item_id"))  # where it belongs
    behind: Mapped[int]  # hours, as before
