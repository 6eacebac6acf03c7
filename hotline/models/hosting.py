"""Who hosts an address: what look-ups found, host by host, and what people have settled about a host."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.vocabulary import HostRuleKind, LookupState, Proxy

WAITING = text("state = 'waiting'")


class HostLookup(Model):
    """One look at who hosts a host. The newest row of a host counts; older ones are its history."""

    __tablename__ = "host_lookups"
    __table_args__ = (
        Index("ix_host_lookups_host_index", "host_index", "id"),
        Index("ix_host_lookups_waiting", "state", "asked_by_id", "id"),
        Index("ix_host_lookups_one_waiting", "host_index", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_index: Mapped[bytes]
    host: Mapped[bytes]  # sealed, "lookup.host"
    state: Mapped[LookupState] = mapped_column(word(LookupState), default=LookupState.WAITING)
    evidence: Mapped[bytes | None]  # sealed, "lookup.evidence": JSON of what each source answered, and when
    country: Mapped[str | None]  # of the network, ISO 3166
    network: Mapped[str | None]  # its name
    proxy: Mapped[Proxy] = mapped_column(word(Proxy), default=Proxy.UNKNOWN)
    by_hand: Mapped[bool] = mapped_column(default=False)  # a person found it out: no answer of a registry
    changed: Mapped[bool] = mapped_column(default=False)  # another network or country than the look before found
    fault: Mapped[str | None]  # a code, never the text of an error
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    leased_until: Mapped[datetime | None]  # somebody is looking it up
    looked_at: Mapped[datetime | None]

    asked_by: Mapped[Staff | None] = relationship()


class HostRule(Model):
    """What people have settled about a host or a registrable domain, until a day. It never decides a verdict."""

    __tablename__ = "host_rules"
    __table_args__ = (
        CheckConstraint("kind <> 'provider' OR recipient_id IS NOT NULL", name="provider"),
        Index("ix_host_rules_host_index", "host_index"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[HostRuleKind] = mapped_column(word(HostRuleKind))
    host: Mapped[bytes]  # sealed, "rule.host"
    host_index: Mapped[bytes]  # blind index of the host, or of the domain where `whole_domain`
    whole_domain: Mapped[bool] = mapped_column(default=False)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("recipients.id"))
    note: Mapped[bytes]  # sealed, "rule.note": why
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # whose words the note is
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who extended it last, or made it
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id])
    recipient: Mapped[Recipient | None] = relationship()
