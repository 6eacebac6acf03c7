"""The machine: its disk, files and keys, its clock, and what the program itself needs there."""

import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from hotline import clock, i18n, jurisdiction, vault
from hotline.config import settings
from hotline.extensions import db
from hotline.rules import checkup as rules
from hotline.rules.checkup import Check, Part, State, Told
from hotline.services import audit, disks, unsettled
from hotline.vault import Lock
from hotline.vocabulary import Language

TIMESYNC = Path("/run/systemd/timesync")  # systemd's own: `synchronized` is there once the clock has been set by others
CATALOGUE = struct.Struct("<II I")  # magic, revision, number of texts
MAGIC = 0x950412DE


def disk() -> Check:
    """Tell what is free where our files lie: the worst of the disks they are on."""
    seen = [disks.space(place) for place in _places()]
    judged = [(rules.worst(_of_space(one)), one) for one in seen]
    order = [State.WRONG, State.LOOK, State.WELL]
    state, one = min(judged, key=lambda pair: (order.index(pair[0]), pair[1].free))
    files_short = rules.of_files(one.free_files, one.total_files) is not State.WELL
    told: dict[str, Told] = {"free": one.free, "percent": 100 * one.free // max(one.total, 1)}
    return Check(Part.DISK, state, "files" if files_short else "room", told)


def _of_space(one: disks.Space) -> Iterator[Check]:
    yield Check(Part.DISK, rules.of_room(one.free, one.total), "room")
    yield Check(Part.DISK, rules.of_files(one.free_files, one.total_files), "files")


def _places() -> list[Path]:
    """Return the folders of our files: data, keys, and the stores wherever they are."""
    stores = [place.parent for engine in db.engines.values() if (place := disks.file_of(engine))]
    found = [settings().data_dir, settings().keys_dir, *stores]
    return [place for place in dict.fromkeys(found) if place.is_dir()] or [Path("/")]


def files() -> Check:
    """Name what anybody on the machine could open; a group may have what it was given (two Unix users)."""
    folder = settings().data_dir
    stores = [place for engine in db.engines.values() if (place := disks.file_of(engine))]
    of_stores = [path for place in stores for path in sorted(place.parent.glob(f"{place.name}*"))]
    found = [folder, *of_stores, folder / "letters", *sorted(folder.glob("letters/*"))]
    is_open = [path.name for path in found if path.exists() and path.stat().st_mode & stat.S_IRWXO]
    if is_open:
        return Check(Part.FILES, State.WRONG, "open", {"names": _some(is_open)})
    return Check(Part.FILES, State.WELL, "shut")


def restore() -> Check:
    """Tell of a restore that broke off: nothing starts until it has come to its end."""
    if unsettled.is_noted():
        return Check(Part.RESTORE, State.WRONG, "unsettled")
    return Check(Part.RESTORE, State.WELL, "none")


def keys() -> Check:
    """Look at every key file: there, whole, opening what is sealed now, and open to nobody else."""
    folder = settings().keys_dir
    if not folder.is_dir():
        return Check(Part.KEYS, State.WRONG, "no_folder")
    found = vault.check(folder)
    bad = [name for name, state in found.items() if state not in {"ok", vault.AWAY}]
    if wrong := list(dict.fromkeys([*bad, *vault.list_missing(folder)])):
        return Check(Part.KEYS, State.WRONG, "wrong", {"names": _some(wrong)})
    held = vault.keyring().current
    if held and held != vault.current(folder):
        return Check(Part.KEYS, State.LOOK, "stale")
    if found[Lock.ESCROW] != vault.AWAY and not settings().on_loopback:
        return Check(Part.KEYS, State.LOOK, "escrow")
    return Check(Part.KEYS, State.WELL, "good")


def machine_clock() -> Check:
    """Hold the clock against the newest line of the audit trail, and ask whether somebody keeps it."""
    newest = audit.newest_at()
    if newest is not None and clock.now() + rules.AHEAD < newest:
        return Check(Part.CLOCK, State.WRONG, "behind", {"newest": newest})
    if TIMESYNC.is_dir() and not (TIMESYNC / "synchronized").exists():
        return Check(Part.CLOCK, State.LOOK, "alone")
    return Check(Part.CLOCK, State.WELL, "kept" if TIMESYNC.is_dir() else "unknown")


def zone() -> Check:
    """Read the country's time zone from the machine's, or the package's, own data."""
    name = str(jurisdiction.current().zone)
    ZoneInfo.no_cache(name)
    return Check(Part.ZONE, State.WELL, "there", {"zone": name})


def languages() -> Check:
    """Look whether the texts of each language are compiled, and as many in each."""
    counts = {language: _count_texts(language) for language in Language}
    if not all(counts.values()):
        return Check(Part.LANGUAGES, State.WRONG, "gone")
    if len(set(counts.values())) > 1:
        return Check(Part.LANGUAGES, State.LOOK, "uneven", {"count": max(counts.values()) - min(counts.values())})
    return Check(Part.LANGUAGES, State.WELL, "compiled", {"count": max(counts.values())})


def _count_texts(language: Language) -> int:
    """Return how many texts a compiled catalogue holds, by its header; 0 where it is not one."""
    try:
        with (i18n.CATALOGUES / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
            magic, _revision, count = CATALOGUE.unpack(file.read(CATALOGUE.size))
    except (OSError, struct.error):
        return 0
    return int(count) if magic == MAGIC else 0


def addresses() -> Check:
    """Judge how our own sites are reached."""
    found = settings()
    if found.onion_url and not found.onion_url.rstrip("/").endswith(".onion"):
        return Check(Part.ADDRESSES, State.LOOK, "onion")
    if found.on_loopback:
        return Check(Part.ADDRESSES, State.WELL, "loopback")
    if not found.reply_url:
        return Check(Part.ADDRESSES, State.LOOK, "no_public")
    if not found.public_url.startswith("https://"):
        return Check(Part.ADDRESSES, State.LOOK, "plain")
    return Check(Part.ADDRESSES, State.WELL, "set")


def _some(names: list[str]) -> str:
    """Return a few names, and that there are more."""
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
