"""What comes back on a notice, and what becomes of an objection to one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model, word
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.report import UNORDERED
from hotline.models.staff import Staff
from hotline.vocabulary import Answer, AppealDecision, MailMark, ReplyKind

UNREAD = text("read_at IS NULL")
UNDECIDED = text("decided_at IS NULL")


class ReplyInbound(Model):
    """An answer given on the public reply page that is not moved to the desk yet: sealed to `case` on arrival."""

    __bind_key__ = FRONT
    __tablename__ = "reply_inbound"
    __table_args__ = (Index("ix_reply_inbound_notice_ref", "notice_ref"), UNORDERED)

    id: Mapped[bytes] = mapped_column(
        primary_key=True
    )  # a keyed hash of the form's nonce: sent twice, it is one answer
    notice_ref: Mapped[str]
    body: Mapped[bytes]  # sealed, "reply.inbound"
    received_at: Mapped[datetime]


class Reply(Model):
    """One thing that came back on a notice. `answer` is None until a person has read what no form has sorted."""

    __tablename__ = "replies"
    __table_args__ = (
        CheckConstraint("kind <> 'form' OR answer IS NOT NULL", name="form_says"),
        CheckConstraint("kind NOT IN ('bounce', 'out_of_office') OR answer IS NULL", name="no_person"),
        CheckConstraint("(read_by_id IS NULL) = (read_at IS NULL)", name="read"),
        Index("ix_replies_notice_id", "notice_id", "id"),
        Index("ix_replies_unread", "came_at", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    key: Mapped[bytes] = mapped_column(unique=True)  # what tells that it is here already
    kind: Mapped[ReplyKind] = mapped_column(word(ReplyKind))
    answer: Mapped[Answer | None] = mapped_column(word(Answer))
    words: Mapped[bytes | None]  # sealed, "reply.words"
    code: Mapped[str] = mapped_column(
        default="", server_default=text("''")
    )  # of a bounce, such as `5.1.1`; of other mail its marks, with spaces between
    came_at: Mapped[datetime]
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    read_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship()
    read_by: Mapped[Staff | None] = relationship()

    @property
    def marks(self) -> tuple[MailMark, ...]:
        """What whoever reads it should know, where it came by mail."""
        by_mail = self.kind in {ReplyKind.MAIL, ReplyKind.OUT_OF_OFFICE}
        return tuple(MailMark(one) for one in self.code.split()) if by_mail else ()


class Appeal(Model):
    """An objection to a notice about one item. Somebody who was not involved decides, or an outside decider on record.

    The database holds by a trigger (`migrations/desk/0024_until_it_is_gone.py`) that whoever decides has neither looked
    at the item, nor drafted or approved a letter about it, and that a decision stays: it is not changed, deleted or
    replaced. What an outside decider said counts once a second person has confirmed the record (`noted_…`): it is
    taken as it stands, or set aside.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by_id IS NULL)"
            " AND (decision IS NULL OR noted_decision IS NULL OR decision = noted_decision)",
            name="decided",
        ),
        CheckConstraint(
            "(noted_by_id IS NULL) = (noted_at IS NULL) AND (noted_by_id IS NULL) = (noted_decision IS NULL)"
            " AND (noted_by_id IS NULL) = (outside IS NULL)",
            name="noted",
        ),
        CheckConstraint("(reason IS NULL) = (decision IS NULL AND noted_by_id IS NULL)", name="reasoned"),
        CheckConstraint("decided_by_id <> noted_by_id", name="two_people"),
        UniqueConstraint("reply_id", "item_id"),
        Index("ix_appeals_item_id", "item_id", "id"),
        Index("ix_appeals_open", "opened_at", "id", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))  # None: nobody wrote a letter to them
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    words: Mapped[bytes]  # sealed, "appeal.words": what they object to
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decision: Mapped[AppealDecision | None] = mapped_column(word(AppealDecision))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # or who confirmed an outside decision
    noted_decision: Mapped[AppealDecision | None] = mapped_column(word(AppealDecision, name="noteddecision"))
    noted_at: Mapped[datetime | None]
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who put an outside decision on record
    outside: Mapped[bytes | None]  # sealed, "appeal.outside": who decided, where it was nobody of the team
    reason: Mapped[bytes | None]  # sealed, "appeal.reason"

    item: Mapped[Item] = relationship()
    notice: Mapped[Notice | None] = relationship()
    opened_by: Mapped[Staff] = relationship(foreign_keys=[opened_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])
    noted_by: Mapped[Staff | None] = relationship(foreign_keys=[noted_by_id])
