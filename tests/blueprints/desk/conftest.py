"""A desk of its own for each test, copied from one that is laid once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from hotline import create_app
from hotline.vocabulary import Surface
from tests import kept
from tests.blueprints.desk.desk_site import DeskSite, environ, lay


@pytest.fixture(scope="session")
def laid_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laid-desk")
    lay(folder)
    return folder


@pytest.fixture
def desk_dir(laid_desk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(laid_desk, tmp_path / "desk"))


@pytest.fixture
def desk_app(desk_dir: Path) -> Iterator[Flask]:
    app = create_app(Surface.DESK, environ(desk_dir))
    with kept.lend_engines(app, environ(desk_dir)):
        yield app


@pytest.fixture
def desk(desk_app: Flask) -> DeskSite:
    return DeskSite(desk_app)
