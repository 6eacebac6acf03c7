"""The stores: whether they answer, can be written, are of this version, and are whole."""

from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from hotline.config import settings
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.rules import checkup as rules
from hotline.rules.checkup import Check, Part, State
from hotline.services import disks, health, schema


class Parts(NamedTuple):
    """What is looked at of one store."""

    store: Part
    schema: Part


PARTS = {
    "front": Parts(Part.FRONT_STORE, Part.FRONT_SCHEMA),
    "desk": Parts(Part.DESK_STORE, Part.DESK_SCHEMA),
}
ANSWERS = {"written", "unwritten"}  # codes of a store that can be read
FIT = {Part.FRONT_SCHEMA, Part.DESK_SCHEMA}


def store(name: str) -> Check:
    """Ask a store for nothing, and take and give back its lock. It is not made where it is not there."""
    engine, part = _engine(name), PARTS[name].store
    place = disks.file_of(engine)
    if place is not None and not place.is_file():
        return Check(part, State.WRONG, "missing")
    try:
        health.require_answer(engine)
    except (SQLAlchemyError, StorageFull):
        return Check(part, State.WRONG, "silent")
    try:
        disks.require_writable(engine)
    except (SQLAlchemyError, StorageFull):
        return Check(part, State.WRONG, "unwritten")
    return Check(part, State.WELL, "written")


def tables(name: str) -> Check:
    """Compare the migration a store is at with the newest that this program has."""
    at, newest = schema.standing(name), schema.newest(name)
    state, code = rules.of_schema(at, newest)
    return Check(PARTS[name].schema, state, code, {"at": at or "-", "newest": newest})


def size() -> Check:
    """Tell how large the stores are. A copy of the larger has to fit beside it: for a backup, or for a migration."""
    sizes = {name: _size(_engine(name)) for name in PARTS}
    told = {"front": sizes["front"], "desk": sizes["desk"]}
    room = disks.space(settings().data_dir).free
    fits = disks.file_of(_engine("desk")) is None or max(sizes.values()) < room
    return Check(Part.SIZE, State.WELL if fits else State.LOOK, "fits" if fits else "large", told)


def integrity() -> Check:
    """Let SQLite read all of both stores: pages, indexes and references. A server's are its own to look after."""
    engines = [_engine(name) for name in PARTS]
    if any(engine.dialect.name != "sqlite" for engine in engines):
        return Check(Part.INTEGRITY, State.WELL, "server")
    for engine in engines:
        with engine.connect() as connection:
            if connection.execute(text("PRAGMA quick_check(1)")).scalar() != "ok":
                return Check(Part.INTEGRITY, State.WRONG, "damaged")
            if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                return Check(Part.INTEGRITY, State.WRONG, "nowhere")
    return Check(Part.INTEGRITY, State.WELL, "whole")


def _engine(name: str) -> Engine:
    return db.engines[schema.STORES[name]]


def _size(engine: Engine) -> int:
    place = disks.file_of(engine)
    if place is not None:
        found = [place, place.with_name(f"{place.name}-wal")]
        return sum(path.stat().st_size for path in found if path.exists())
    if engine.dialect.name == "sqlite":
        return 0
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)
