"""Pictures of events: who is shown on which, who agreed to what, and where a picture was published.

The database holds: a picture is put down as published only where somebody is shown on it, or it was noted that nobody
can be recognised, and everybody shown agreed before, for that use; a guardian too where it is a child. Answers and
publications are never changed and never deleted; of who is forgotten no word is left, and no answer stands.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from hotline.extensions import UtcTime

revision = "0034"
down_revision = "0033"

FROZEN, SHUT = "this record is frozen", "not everybody shown has agreed to this"
UNHEARD, STANDING, ELSEWHERE = "this voice is not theirs", "an answer of theirs stands", "this is of another event"
AGREED = (
    "EXISTS (SELECT 1 FROM picture_consents c WHERE c.person_id = p.id AND c.voice {which} 'guardian'"
    " AND c.answer = 'agrees' AND c.ended_at IS NULL AND ' ' || c.scopes || ' ' LIKE '% ' || NEW.scope || ' %'"
    " AND c.asked_on <= NEW.published_on AND (c.expires_on IS NULL OR c.expires_on >= NEW.published_on))"
)
OWN, GUARDIAN = AGREED.format(which="<>"), AGREED.format(which="=")
SHOWN = (
    "FROM showings s JOIN people_shown p ON p.id = s.person_id"
    " WHERE s.photograph_id = NEW.photograph_id AND s.struck_at IS NULL"
)
MAY_BE_PUBLISHED = (
    f"(EXISTS (SELECT 1 {SHOWN})"  # noqa: S608 -- names from above
    " OR EXISTS (SELECT 1 FROM photographs WHERE id = NEW.photograph_id AND nobody_shown))"
    f" AND NOT EXISTS (SELECT 1 {SHOWN} AND NOT ({OWN} AND (NOT p.is_child OR {GUARDIAN})))"
)
ANSWERED = "EXISTS (SELECT 1 FROM picture_consents WHERE person_id = NEW.id AND ended_at IS NULL)"
KEPT = {  # what is never deleted: the table, and by what SQLite's REPLACE would strike one of its rows
    "imagery_events": ("id = NEW.id", "ref = NEW.ref"),
    "photographs": ("id = NEW.id", "event_id = NEW.event_id AND reference = NEW.reference"),
    "people_shown": ("id = NEW.id",),
    "showings": (
        "id = NEW.id",
        "photograph_id = NEW.photograph_id AND person_id = NEW.person_id AND struck_at IS NULL",
    ),
    "picture_consents": ("id = NEW.id", "person_id = NEW.person_id AND voice = NEW.voice AND ended_at IS NULL"),
    "publications": ("id = NEW.id", "ref = NEW.ref"),
    "link_erasures": ("id = NEW.id", "link_id = NEW.link_id"),
}
TABLES = tuple(KEPT)
FILE_ERASED = "EXISTS (SELECT 1 FROM victim_cases WHERE id = OLD.case_id AND status = 'erased')"
LINK_ERASED = "EXISTS (SELECT 1 FROM link_erasures WHERE link_id = OLD.id)"


class Trigger(NamedTuple):
    """Before what, on which table, and when it is refused."""

    name: str
    before: str
    table: str
    when: str
    words: str


TRIGGERS = (
    Trigger("frozen_link_erasures", "UPDATE", "link_erasures", "TRUE", FROZEN),
    *(Trigger(f"removed_{table}", "DELETE", table, "TRUE", FROZEN) for table in KEPT),
    Trigger("frozen_imagery_events", "UPDATE OF ref, made_at, made_by_id", "imagery_events", "TRUE", FROZEN),
    Trigger("frozen_photographs", "UPDATE OF event_id, noted_at, noted_by_id", "photographs", "TRUE", FROZEN),
    Trigger(
        "published_photographs",
        "UPDATE OF reference, description",
        "photographs",
        "EXISTS (SELECT 1 FROM publications WHERE photograph_id = NEW.id)",
        FROZEN,
    ),
    Trigger("frozen_people_shown", "UPDATE OF event_id, noted_at, noted_by_id", "people_shown", "TRUE", FROZEN),
    Trigger("forgotten_people_shown", "UPDATE", "people_shown", "OLD.forgotten_at IS NOT NULL", FROZEN),
    Trigger(
        "heard_people_shown",
        "UPDATE OF is_child, forgotten_at",
        "people_shown",
        f"(NEW.is_child <> OLD.is_child OR NEW.forgotten_at IS NOT NULL) AND {ANSWERED}",
        STANDING,
    ),
    Trigger(
        "placed_showings",
        "INSERT",
        "showings",
        "NOT EXISTS (SELECT 1 FROM photographs f JOIN people_shown p ON p.event_id = f.event_id"
        " WHERE f.id = NEW.photograph_id AND p.id = NEW.person_id AND p.forgotten_at IS NULL)",
        ELSEWHERE,
    ),
    Trigger("frozen_showings", "UPDATE OF photograph_id, person_id, noted_at, noted_by_id", "showings", "TRUE", FROZEN),
    Trigger("struck_showings", "UPDATE", "showings", "OLD.struck_at IS NOT NULL", FROZEN),
    Trigger(
        "heard_picture_consents",
        "INSERT",
        "picture_consents",
        "NOT EXISTS (SELECT 1 FROM people_shown WHERE id = NEW.person_id AND forgotten_at IS NULL"
        " AND is_child = (NEW.voice <> 'self'))",
        UNHEARD,
    ),
    Trigger(
        "frozen_picture_consents",
        "UPDATE OF person_id, voice, answer, scopes, language, asked_by_id, asked_on, expires_on, noted_at,"
        " noted_by_id",
        "picture_consents",
        "TRUE",
        FROZEN,
    ),
    Trigger(
        "kept_picture_consents",
        "UPDATE OF evidence",
        "picture_consents",
        "NEW.evidence IS NOT NULL"
        " OR NOT EXISTS (SELECT 1 FROM people_shown WHERE id = NEW.person_id AND forgotten_at IS NOT NULL)",
        FROZEN,
    ),
    Trigger(
        "ended_picture_consents",
        "UPDATE OF ended_at, ended_how, ended_by_id",
        "picture_consents",
        "OLD.ended_at IS NOT NULL",
        FROZEN,
    ),
    Trigger("begun_publications", "INSERT", "publications", "NEW.taken_down_at IS NOT NULL", FROZEN),
    Trigger("agreed_publications", "INSERT", "publications", f"NOT ({MAY_BE_PUBLISHED})", SHUT),
    Trigger(
        "frozen_publications",
        "UPDATE OF ref, photograph_id, scope, place, published_on, noted_at, noted_by_id",
        "publications",
        "TRUE",
        FROZEN,
    ),
    Trigger("ended_publications", "UPDATE", "publications", "OLD.taken_down_at IS NOT NULL", FROZEN),
)


BEFORE = Trigger(  # as 0028 made it: what an analyst wrote of a child goes with the file of its case
    "noted_case_links",
    "UPDATE OF note",
    "case_links",
    f"length(NEW.note) > 0 OR OLD.case_id IS NULL OR NOT {FILE_ERASED}",
    FROZEN,
)
AFTER = BEFORE._replace(  # or, where it became no case, with a certificate of its own
    when=f"length(NEW.note) > 0 OR NOT (OLD.case_id IS NOT NULL AND {FILE_ERASED}"
    f" OR OLD.case_id IS NULL AND {LINK_ERASED})"
)


def upgrade() -> None:
    """Make the tables, and have the database hold what it must."""
    op.add_column("victim_cases", sa.Column("kept_by_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE victim_cases SET kept_by_id = (SELECT max(id) FROM retention_policies)"
        " WHERE keep_until IS NOT NULL AND status <> 'erased'"
    )
    _link_erasures()
    _imagery_events()
    _photographs()
    _people_shown()
    _showings()
    _picture_consents()
    _publications()
    for one in TRIGGERS:
        _make(one)
    _unmake(BEFORE)
    _make(AFTER)
    for table, same in KEPT.items():
        _make_place(table, same)


def downgrade() -> None:
    """Go back. What was noted of pictures goes with its tables, and the clocks of publications."""
    for table in KEPT:
        op.execute(f"DROP TRIGGER whole_{table}" + ("" if _on_sqlite() else f" ON {table}"))
    for one in TRIGGERS:
        _unmake(one)
    _unmake(AFTER)
    _make(BEFORE)
    op.execute("DELETE FROM clocks WHERE subject = 'publication'")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("victim_cases", "kept_by_id")


def _link_erasures() -> None:
    op.create_table(
        "link_erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("erased_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["case_links.id"], name=op.f("fk_link_erasures_link_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["retention_policies.id"], name=op.f("fk_link_erasures_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_erasures")),
        sa.UniqueConstraint("link_id", name=op.f("uq_link_erasures_link_id")),
    )


def _imagery_events() -> None:
    op.create_table(
        "imagery_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_km", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("organiser", sa.String(), nullable=False),
        sa.Column("host", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("host IN ('ours', 'inhope')", name=op.f("ck_imagery_events_eventhost")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_imagery_events_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imagery_events")),
        sa.UniqueConstraint("ref", name=op.f("uq_imagery_events_ref")),
    )
    op.create_index("ix_imagery_events_held_on", "imagery_events", ["held_on", "id"])


def _photographs() -> None:
    op.create_table(
        "photographs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("nobody_shown", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_photographs_noted_by_id")),
        sa.ForeignKeyConstraint(["event_id"], ["imagery_events.id"], name=op.f("fk_photographs_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photographs")),
        sa.UniqueConstraint("event_id", "reference", name=op.f("uq_photographs_event_id_reference")),
    )


def _people_shown() -> None:
    op.create_table(
        "people_shown",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("is_child", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("forgotten_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(body IS NULL) = (forgotten_at IS NOT NULL)", name=op.f("ck_people_shown_forgotten")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_people_shown_noted_by_id")),
        sa.ForeignKeyConstraint(["event_id"], ["imagery_events.id"], name=op.f("fk_people_shown_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_shown")),
    )
    op.create_index("ix_people_shown_event_id", "people_shown", ["event_id", "id"])


def _showings() -> None:
    op.create_table(
        "showings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photograph_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("struck_at", UtcTime(), nullable=True),
        sa.Column("struck_why", sa.String(32), nullable=True),
        sa.Column("struck_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_why IS NULL)", name=op.f("ck_showings_struck")),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_by_id IS NULL)", name=op.f("ck_showings_struck_by")),
        sa.CheckConstraint("struck_why IN ('mistake', 'unrecognisable')", name=op.f("ck_showings_shownend")),
        sa.ForeignKeyConstraint(["struck_by_id"], ["staff.id"], name=op.f("fk_showings_struck_by_id")),
        sa.ForeignKeyConstraint(["photograph_id"], ["photographs.id"], name=op.f("fk_showings_photograph_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_shown.id"], name=op.f("fk_showings_person_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_showings_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showings")),
    )
    op.create_index("ix_showings_person_id", "showings", ["person_id", "id"])
    op.create_index(
        "ix_showings_photograph_id",
        "showings",
        ["photograph_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("struck_at IS NULL"),
        postgresql_where=sa.text("struck_at IS NULL"),
    )


def _picture_consents() -> None:
    op.create_table(
        "picture_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("voice", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_how", sa.String(32), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "expires_on IS NULL OR (answer = 'agrees' AND expires_on >= asked_on)",
            name=op.f("ck_picture_consents_expires"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name=op.f("ck_picture_consents_ended")),
        sa.CheckConstraint("(answer = 'agrees') = (scopes <> '')", name=op.f("ck_picture_consents_scopes")),
        sa.CheckConstraint("answer IN ('agrees', 'declines')", name=op.f("ck_picture_consents_pictureanswer")),
        sa.CheckConstraint(
            "ended_how IN ('replaced', 'withdrawn', 'expired')", name=op.f("ck_picture_consents_answerend")
        ),
        sa.CheckConstraint("voice IN ('child', 'guardian', 'self')", name=op.f("ck_picture_consents_voice")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_picture_consents_noted_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_picture_consents_asked_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["staff.id"], name=op.f("fk_picture_consents_ended_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_shown.id"], name=op.f("fk_picture_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_consents")),
    )
    op.create_index(
        "ix_picture_consents_expires_on",
        "picture_consents",
        ["expires_on"],
        sqlite_where=sa.text("ended_at IS NULL AND expires_on IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND expires_on IS NOT NULL"),
    )
    op.create_index("ix_picture_consents_noted_at", "picture_consents", ["noted_at", "id"])
    op.create_index(
        "ix_picture_consents_person_id",
        "picture_consents",
        ["person_id", "voice"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("photograph_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("noted_at", UtcTime(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_down_at", UtcTime(), nullable=True),
        sa.Column("taken_down_by_id", sa.Integer(), nullable=True),
        sa.Column("copies", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.CheckConstraint(
            "scope IN ('internal', 'website', 'social_media', 'print', 'press')",
            name=op.f("ck_publications_picturescope"),
        ),
        sa.CheckConstraint(
            "(taken_down_at IS NULL) = (taken_down_by_id IS NULL)", name=op.f("ck_publications_taken_down")
        ),
        sa.ForeignKeyConstraint(["photograph_id"], ["photographs.id"], name=op.f("fk_publications_photograph_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["staff.id"], name=op.f("fk_publications_noted_by_id")),
        sa.ForeignKeyConstraint(["taken_down_by_id"], ["staff.id"], name=op.f("fk_publications_taken_down_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("ref", name=op.f("uq_publications_ref")),
    )
    op.create_index("ix_publications_noted_at", "publications", ["noted_at", "id"])
    op.create_index(
        "ix_publications_out",
        "publications",
        ["id"],
        sqlite_where=sa.text("taken_down_at IS NULL"),
        postgresql_where=sa.text("taken_down_at IS NULL"),
    )
    op.create_index("ix_publications_photograph_id", "publications", ["photograph_id", "id"])


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make(one: Trigger) -> None:
    start = f"CREATE TRIGGER {one.name} BEFORE {one.before} ON {one.table}"
    if _on_sqlite():
        op.execute(f"{start} WHEN {one.when} BEGIN SELECT RAISE(ABORT, '{one.words}'); END")
        return
    refuse = f"RAISE EXCEPTION '{one.words}' USING ERRCODE = 'check_violation'"
    row = "OLD" if one.before == "DELETE" else "NEW"
    body = f"BEGIN IF {one.when} THEN {refuse}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{start} FOR EACH ROW EXECUTE FUNCTION {one.name}()")


def _make_place(table: str, same: tuple[str, ...]) -> None:
    """Refuse SQLite's REPLACE, which deletes without asking, and PostgreSQL's TRUNCATE."""
    if not _on_sqlite():
        run = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER whole_{table} BEFORE TRUNCATE ON {table} {run}")
        return
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in same)  # noqa: S608 -- names from above
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
    op.execute(f"CREATE TRIGGER whole_{table} BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unmake(one: Trigger) -> None:
    op.execute(f"DROP TRIGGER {one.name}" + ("" if _on_sqlite() else f" ON {one.table}"))
    if not _on_sqlite():
        op.execute(f"DROP FUNCTION {one.name}")
