"""The second factor of signing in: whose phone makes codes, what stands in for a lost one, and who has to have one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.staff import Staff


class SecondFactor(Model):
    """What one person's codes are checked by. It is on while there is a `secret`; an `offered` one opens nothing."""

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("(offered IS NULL) = (offered_at IS NULL)", name="offered"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    secret: Mapped[bytes | None]  # sealed to `care`, "staff.factor"
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]  # of the newest code that was taken: none of it or from before opens anything
    offered: Mapped[bytes | None]  # sealed to `care`, "staff.factor": shown, and not confirmed by a code yet
    offered_at: Mapped[datetime | None]
    salt: Mapped[bytes]  # of the recovery codes' hashes
    misses: Mapped[int]  # codes that were refused at the door since the person last came in
    taken_away_at: Mapped[datetime | None]  # by an admin, and the person has not come in since


class RecoveryCode(Model):
    """A code that opens once where the phone cannot. The row holds only its hash (argon2id)."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("staff_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class FactorRule(Model):
    """An admin has said whether everybody needs a second factor. The newest row holds; without any nobody does."""

    __tablename__ = "factor_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    is_required: Mapped[bool]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime]

    set_by: Mapped[Staff] = relationship()
