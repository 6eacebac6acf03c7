"""Steps that tests of backups take: a second machine with nothing on it, its keys, and commands on either."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import MetaData, select

from hotline import create_app, vault
from hotline.extensions import db
from hotline.services import schema
from hotline.vault import Lock
from tests.stores import Stores, dispose

STORES = ("front", "desk")


def run(app: Flask, *words: str) -> Result:
    """Run a command on one of the two machines."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(words))


@dataclass
class Machine:
    """A machine to restore to: a folder without stores, two databases without tables, and keys but the escrow's."""

    stores: Stores
    folder: Path
    safe: Path
    apps: list[Flask] = field(default_factory=list)

    @property
    def keys(self) -> Path:
        """The folder of its keys."""
        return self.folder / "keys"

    @property
    def escrow(self) -> Path:
        """The file of the escrow key, which lies in the safe."""
        (found,) = self.safe.glob("*.key")
        return found

    def app(self, **environ: str) -> Flask:
        """Return the program on this machine, with the keys that are there now."""
        settings = self.stores.environ | {"HOTLINE_DATA_DIR": str(self.folder)} | environ
        self.apps.append(create_app("office", settings))
        return self.apps[-1]

    def restore(self, backup: Path, *words: str, **environ: str) -> tuple[Flask, Result]:
        """Restore a backup here. Returns the program, and what the command said."""
        app = self.app(**environ)
        return app, run(app, "restore", str(backup), "--key", str(self.escrow), *words)


@contextmanager
def machine(stores: Stores, folder: Path, keys: Path, safe: Path) -> Iterator[Machine]:
    """Give a machine with copies of `keys`, whose escrow key is put into the safe."""
    shutil.copytree(keys, folder / "keys")
    safe.mkdir()
    for path in (folder / "keys" / Lock.ESCROW).glob("*.key"):
        path.rename(safe / path.name)
    made = Machine(stores, folder, safe)
    try:
        yield made
    finally:
        for app in made.apps:
            dispose(app)


@contextmanager
def on(app: Flask, public: vault.PublicKeys | None) -> Iterator[None]:
    """Work on a machine whose public site has these secrets."""
    with app.app_context():
        app.extensions["hotline.keyring"].public = public
        yield
        db.session.remove()


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of both stores, each table's in one order."""
    found = {}
    for store in STORES:
        engine = db.engines[schema.STORES[store]]
        seen = MetaData()
        with engine.connect() as connection:
            seen.reflect(connection)
            for table in seen.sorted_tables:
                raw = [tuple(map(_plain, row)) for row in connection.execute(select(table))]
                found[f"{store}.{table.name}"] = sorted(raw, key=repr)
    return found


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
