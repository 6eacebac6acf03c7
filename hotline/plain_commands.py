"""What every `flask` command shares: what can be mended is said in one line, with exit code 1."""

from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from hotline.blueprints.desk import password_words, staff_words
from hotline.config import settings
from hotline.errors import DomainError, Refused, SettingsError, StorageFull


class Plain(click.Command):
    """A command that says in one line what can be mended, and ends with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            raise click.ClickException(_say(*refusal.faults[0])) from None
        except StorageFull:
            raise click.ClickException(
                f"A store cannot be used. HOTLINE_DATA_DIR is {settings().data_dir}: is that what the services have,"
                " may this user write there, is the disk full, does the database server answer?"
            ) from None
        except DBAPIError as exc:
            if not _is_of_another_version(exc):
                raise
            raise click.ClickException(
                f"The stores are not prepared for this version (HOTLINE_DATA_DIR is {settings().data_dir}). Is that"
                " what the services have? Then: flask prepare"
            ) from None
        except (DomainError, SettingsError) as exc:
            raise click.ClickException(str(exc)) from None


class Plainly(click.Group):
    """A group of such commands."""

    command_class = Plain


def _say(field: str, code: str) -> str:
    try:
        return password_words.say(code) if field == "password" else staff_words.say(field, code)
    except KeyError:
        return f"{field}: {code}"


def _is_of_another_version(error: DBAPIError) -> bool:
    """Whether the database knows no such table or column, on SQLite or PostgreSQL."""
    return getattr(error.orig, "sqlstate", "") in {"42P01", "42703"} or str(error.orig).startswith("no such ")
