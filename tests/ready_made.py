"""Data folders that many tests begin with, made once in each process and copied: keys, tables, people.

Sixteen migrations and six password hashes before every test took longer than most tests. What migrations do by
themselves is proven by `tests/migrations`.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hotline import create_app, vault
from hotline.services import demo, schema
from hotline.vocabulary import Surface
from tests.stores import dispose


def copy(make: Callable[[Path], None], data_dir: Path) -> None:
    """Leave in `data_dir` what `make` leaves in a folder. Nobody may be using the folder yet."""
    shutil.copytree(_made_by(make), data_dir, dirs_exist_ok=True)


def tables(data_dir: Path, **stores: str) -> None:
    """Make keys and tables; `stores` are the settings that name them where they are no files in the folder."""
    vault.create_keys(data_dir / "keys")
    app = create_app(Surface.OFFICE, {"HOTLINE_DATA_DIR": str(data_dir), **stores})
    with app.app_context():
        schema.upgrade()
    dispose(app)


def people(data_dir: Path, **stores: str) -> None:
    """Make keys, tables, and the people and recipients of the demo."""
    tables(data_dir, **stores)
    app = create_app(Surface.OFFICE, {"HOTLINE_DATA_DIR": str(data_dir), **stores})
    with app.app_context():
        list(demo.people())
    dispose(app)


@cache
def _made_by(make: Callable[[Path], None]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hotline-ready-made-"))
    atexit.register(shutil.rmtree, folder)
    make(folder)
    return folder
