"""What each test would make anew and none changes, kept in each process: templates, statements, addresses, registries.

Every test still gets an app and stores of its own. Half the time of a test of the desk went into compiling templates,
a third of any test into compiling SQL (an engine forgets its statements when it goes), and a third of what was left
into compiling how the addresses of four hundred views are written.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType
from typing import ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from hotline import create_app
from hotline.extensions import db
from hotline.gateways.rdap import OWN_BOOTSTRAP, Bootstrap
from hotline.vocabulary import Surface
from tests.stores import LENT


class Templates(BytecodeCache):
    """The compiled templates of all apps of this process; what has changed since is compiled anew."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = (bucket.checksum, bucket.code)


class Address(Rule):
    """The address of a view. How it is read and written is compiled once: neither depends on the app it is in."""

    read: ClassVar[dict[tuple[object, ...], tuple[object, ...]]] = {}
    written: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def compile(self) -> None:
        key = (self.rule, self.subdomain, self.host, self.merge_slashes)
        if key not in self.read:
            super().compile()
            self.read[key] = (self._parts, self._trace, self._converters)
            return
        self._parts, self._trace, self._converters = self.read[key]
        self.arguments.update(self._converters)
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        given = tuple(sorted((self.defaults or {}).items()))
        key = (tuple(self._trace), given, append_unknown)
        if key not in self.written:
            self.written[key] = super()._compile_builder(append_unknown)
        return self.written[key]


class Registries(Bootstrap):
    """Which registry answers for what. The files that come with the program are read once."""

    @classmethod
    def from_folder(cls, folder: Path) -> Bootstrap:
        return _own_registries() if folder == OWN_BOOTSTRAP else Bootstrap.from_folder(folder)


@cache
def _own_registries() -> Bootstrap:
    return Bootstrap.from_folder(OWN_BOOTSTRAP)


@contextmanager
def lend_engines(app: Flask, environ: Mapping[str, str]) -> Iterator[None]:
    """Let `app`, made with `environ`, reach its two stores with the engines that the app of the last test had.

    One app at a time: at the end they lead nowhere. Idle connections to PostgreSQL stay open, as what they are: whoever
    changes their settings shall invalidate them.
    """
    link, engines = _engines(tuple(sorted((name, environ[name]) for name in environ if name.endswith("DATABASE_URL"))))
    held = [one.url.database for one in engines.values() if one.pool.checkedout()]
    assert not held, f"somebody outlived their test with a connection to {held}"
    link.unlink(missing_ok=True)
    link.symlink_to(environ["HOTLINE_DATA_DIR"])
    with app.app_context():
        assert db.engines.keys() == engines.keys()
        db.engines.update(engines)
    yield
    with app.app_context():
        db.session.remove()
        for engine in engines.values():
            if engine.dialect.name == "sqlite" or engine.pool.checkedout():
                engine.dispose()
    link.unlink()


@cache
def _engines(servers: tuple[tuple[str, str], ...]) -> tuple[Path, dict[str | None, Engine]]:
    """Make the engines of a data folder that is a link: to another folder for each test."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-kept-"))
    atexit.register(shutil.rmtree, folder)
    link = folder / "data"
    named = {name: f"{url}&application_name={LENT}" for name, url in servers}
    app = create_app(Surface.OFFICE, {"HOTLINE_DATA_DIR": str(link), **named})
    with app.app_context():
        return link, dict(db.engines)
