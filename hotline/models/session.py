"""Sessions of the desk live in the database, so that closing an account closes them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hotline.extensions import Model


class DeskSession(Model):
    """One browser signed in, or about to. The cookie holds the token, the row only its hash."""

    __tablename__ = "desk_sessions"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    data: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class SignInCount(Model):
    """Failed sign-ins of one name; the name is kept as a hash, since anyone can type anything there."""

    __tablename__ = "sign_in_counts"

    name_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime]
