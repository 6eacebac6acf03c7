"""A notice, and the addresses it lists. The database lets none leave before two people agreed.

Beside the constraints below it holds, by triggers (`migrations/desk/0006_letters_held_by_the_database.py`, widened by
`0021_directory_and_letters.py`): a letter begins as a draft and is frozen once approved; it is queued only while it
lists addresses whose verdicts stand, or takes an earlier one back and lists none; what was sent never goes again;
addresses are listed in drafts only. No letter has two reminders that stand (`0024_until_it_is_gone.py`).
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.staff import Staff
from hotline.vocabulary import Answer, Channel, Delivery, InhopeClass, Language, LawVerdict, NoticeKind, NoticeStatus

GATE = (
    "(channel = 'host' AND (law = 'illegal' OR inhope_class = 'baseline'))"
    " OR (channel = 'partner' AND inhope_class IN ('baseline', 'national'))"
    " OR (channel = 'police' AND (law = 'illegal' OR inhope_class IN ('baseline', 'national') OR in_danger))"
)
ENCRYPTED = (  # what police and partners get by mail; hosts that have no key get it plain
    "channel = 'host' OR key_id IS NOT NULL OR delivery NOT IN ('email', 'xarf') OR status IN ('draft', 'withdrawn')"
)
IS_REMINDER = text("kind = 'reminder' AND status <> 'withdrawn'")  # a letter is reminded of once
LIES_HERE = text("status = 'queued' AND kept_at IS NOT NULL")  # as `Notice.is_kept`


class Notice(Model):
    """One letter to one recipient. Its Message-ID is fixed when it is drafted, so that a second copy shows as one."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("status = 'draft' OR status = 'withdrawn' OR approved_by_id IS NOT NULL", name="approved"),
        CheckConstraint(ENCRYPTED, name="encrypted"),
        CheckConstraint("delivery IN ('email', 'xarf') OR leased_until IS NULL", name="by_mail"),
        UniqueConstraint("id", "channel"),
        Index("ix_notices_status", "status", "id"),
        Index("ix_notices_follows_id", "follows_id"),
        Index("ix_notices_recipient_id", "recipient_id", "id"),
        Index(
            "ix_notices_one_reminder",
            "follows_id",
            unique=True,
            sqlite_where=IS_REMINDER,
            postgresql_where=IS_REMINDER,
        ),
        Index("ix_notices_lies_here", "id", sqlite_where=LIES_HERE, postgresql_where=LIES_HERE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    channel: Mapped[Channel] = mapped_column(word(Channel))
    kind: Mapped[NoticeKind] = mapped_column(
        word(NoticeKind), default=NoticeKind.FIRST, server_default=NoticeKind.FIRST
    )
    follows_id: Mapped[int | None] = mapped_column(
        ForeignKey("notices.id")
    )  # what it reminds of, rises from, takes back, says more about
    delivery: Mapped[Delivery] = mapped_column(word(Delivery), default=Delivery.EMAIL, server_default=Delivery.EMAIL)
    language: Mapped[Language] = mapped_column(word(Language))
    template: Mapped[str]
    template_id: Mapped[int | None] = mapped_column(
        ForeignKey("letter_templates.id")
    )  # None: as it came with the portal
    key_id: Mapped[int | None] = mapped_column(ForeignKey("recipient_keys.id"))  # None: it is not encrypted
    letter: Mapped[bytes]  # sealed, "notice.letter": JSON of mailbox, subject, text and addresses as they will be sent
    message_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[NoticeStatus] = mapped_column(word(NoticeStatus), default=NoticeStatus.DRAFT)
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    drafted_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]  # by the mail server's word, or by that of whoever sent it by hand
    not_before: Mapped[datetime | None]  # quiet hours: it waits until then, and then for a new look at its hosts
    proof: Mapped[bytes | None]  # sealed, "notice.proof": JSON of what a form or portal answered a person
    answered_at: Mapped[datetime | None]
    answer: Mapped[Answer | None] = mapped_column(word(Answer))  # the newest
    kept_at: Mapped[datetime | None]  # since when it lies here, having gone to nobody; stays where it is sent by hand
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # also tells one try from the next
    spent: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of the patience with it, by its faults
    last_fault: Mapped[str | None]  # a code such as `connect` or `550`, never anybody's words

    recipient: Mapped[Recipient] = relationship()
    key: Mapped[RecipientKey | None] = relationship()
    follows: Mapped["Notice | None"] = relationship(remote_side=[id])
    drafted_by: Mapped[Staff] = relationship(foreign_keys=[drafted_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    lines: Mapped[list["NoticeItem"]] = relationship(back_populates="notice", order_by="NoticeItem.id")

    @property
    def is_kept(self) -> bool:
        """Whether it was approved and lies here, because there was no mail server: it has gone to nobody."""
        return self.status is NoticeStatus.QUEUED and self.kept_at is not None

    @property
    def is_typed_in(self) -> bool:
        """Whether a person types it into its recipient's form or portal: no mail goes."""
        return self.delivery in {Delivery.WEB_FORM, Delivery.PORTAL}

    @property
    def went_by_hand(self) -> bool:
        """Whether a person took it to its recipient, not a mail server."""
        return self.sent_at is not None and self.kept_at is not None


class NoticeItem(Model):
    """One address in one notice, tied to the verdict that lets it leave through the notice's channel."""

    __tablename__ = "notice_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["notice_id", "channel"], ["notices.id", "notices.channel"], name="fk_notice_items_notice"
        ),
        ForeignKeyConstraint(
            ["verdict_id", "item_id", "inhope_class", "law"],
            ["verdicts.id", "verdicts.item_id", "verdicts.inhope_class", "verdicts.law"],
            name="fk_notice_items_verdict",
        ),
        CheckConstraint(GATE, name="gate"),
        UniqueConstraint("notice_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    verdict_id: Mapped[int]
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    channel: Mapped[Channel] = mapped_column(word(Channel))
    in_danger: Mapped[bool]  # as its item says when it is listed

    notice: Mapped[Notice] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship(foreign_keys=[item_id])
