"""What a database looks like, so that two can be compared: every table, column, key, index and check."""

import warnings
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, inspect

from hotline.services import schema

KINDS = ("columns", "pk_constraint", "check_constraints", "unique_constraints", "foreign_keys", "indexes")
MODELS = "as_the_models_say"  # the PostgreSQL schema that holds the models' own tables for a moment


def difference(connection: Connection, store: str) -> list[Any]:
    """Return what Alembic would write into the next migration."""
    options = {"compare_type": True, "compare_server_default": True}
    with warnings.catch_warnings():
        # PostgreSQL tells what a column is worked out from in words of its own, which Alembic takes for other ones
        warnings.filterwarnings("ignore", "Computed default on items.turn_at")
        return compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata(store))


def of_database(connection: Connection, name: str | None = None) -> dict[str, Any]:
    """Return the shape of every table, by name."""
    look = inspect(connection)
    asked = {kind: getattr(look, f"get_multi_{kind}")(schema=name) for kind in KINDS}  # of all tables at once
    tables = sorted(set(look.get_table_names(schema=name)) - {"alembic_version"})
    return {table: _of_table({kind: told[name, table] for kind, told in asked.items()}) for table in tables}


def of_models(connection: Connection, store: str) -> dict[str, Any]:
    """Return the shape of a database of the same kind that is made from the models alone."""
    if connection.dialect.name == "sqlite":
        with create_engine("sqlite://").connect() as empty:
            schema.metadata(store).create_all(empty)
            return of_database(empty)
    connection.exec_driver_sql(f"CREATE SCHEMA {MODELS}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {MODELS}")
    _in_search_path(schema.metadata(store), connection)
    found = of_database(connection, MODELS)
    connection.rollback()
    return found


def _in_search_path(metadata: MetaData, connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)


def _of_table(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "columns": {one["name"]: (str(one["type"]), one["nullable"]) for one in told["columns"]},
        "primary key": told["pk_constraint"]["constrained_columns"],
        "checks": {one["name"]: one["sqltext"] for one in told["check_constraints"]},
        "uniques": _named(told["unique_constraints"], "column_names"),
        "foreign keys": _named(told["foreign_keys"], "constrained_columns", "referred_table", "referred_columns"),
        "indexes": {one["name"]: (one["column_names"], bool(one["unique"]), _where(one)) for one in told["indexes"]},
    }


def _named(found: list[dict[str, Any]], *facts: str) -> dict[str, Any]:
    return {one["name"]: [one[fact] for fact in facts] for one in found}


def _where(index: dict[str, Any]) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))
