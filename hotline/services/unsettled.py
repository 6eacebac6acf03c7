"""A restore that has not come to its end: until it is left to people what may have gone since, nothing may start.

From the moment the stores can be seen until then the portal would send again what had gone. A file says so; it outlasts
a power cut. It stands in the data folder, and beside a SQLite front store, where the public site's user sees it.
"""

import os
from pathlib import Path

from sqlalchemy import make_url

from hotline.config import Settings, settings
from hotline.errors import SettingsError
from hotline.services import store_loading
from hotline.services.backup_files import Manifest

NAME = "restore.unsettled"


def refuse(here: Settings) -> None:
    """Raise SettingsError, in one line, while a restore is not at its end."""
    for path in _places(here):
        if path.exists():
            raise SettingsError(
                f"A restore broke off before it had left to people what may have gone since ({path} says so), and"
                " letters would go twice. Run the same flask restore once more: it goes on from there."
            )


def note(manifest: Manifest) -> None:
    """Note which backup is about to be put in place."""
    for path in _places(settings()):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(_mark(manifest))
            file.flush()
            os.fsync(file.fileno())
        store_loading.keep_names(path.parent)


def forget() -> None:
    """Let everything start again; the data folder's own note goes last."""
    for path in reversed(_places(settings())):
        path.unlink(missing_ok=True)
        store_loading.keep_names(path.parent)


def is_noted() -> bool:
    """Whether a restore here is not at its end."""
    return _own(settings()).exists()


def is_of(manifest: Manifest) -> bool:
    """Whether the restore that is not at its end was of this backup."""
    return is_noted() and _own(settings()).read_text() == _mark(manifest)


def _own(here: Settings) -> Path:
    return here.data_dir / NAME


def _places(here: Settings) -> list[Path]:
    """Return where it is noted, the data folder's own first."""
    front = make_url(here.front_database_url)
    place = front.database or ""
    is_file = front.get_backend_name() == "sqlite" and bool(place) and not place.startswith(("file:", ":"))
    return list(dict.fromkeys([_own(here), *([Path(place).parent / NAME] if is_file else [])]))


def _mark(manifest: Manifest) -> str:
    """Return what tells one backup from every other."""
    number, mark = manifest.anchor
    return f"{manifest.made_at} {number} {mark}\n"
