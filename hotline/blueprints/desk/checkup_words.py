"""Whether all is well, in words: each part's name and state, what was found, and what to do next."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _in

from hotline.blueprints.desk import words
from hotline.rules.checkup import Check, Part, State, Told

MAKES = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000))
BYTES = {"free", "front", "desk"}  # what is told in bytes
STATES = {
    State.WELL: _in("checkup", "Well"),
    State.LOOK: _in("checkup", "Look at this"),
    State.WRONG: _in("checkup", "Wrong"),
}
NAMES = {
    Part.FRONT_STORE: _("Store of the public site"),
    Part.DESK_STORE: _("Store of the desk"),
    Part.FRONT_SCHEMA: _("Tables of the public site’s store"),
    Part.DESK_SCHEMA: _("Tables of the desk’s store"),
    Part.SIZE: _("Size of the stores"),
    Part.INTEGRITY: _("Stores, read whole"),
    Part.DISK: _("Room on the disk"),
    Part.FILES: _("Files and who may open them"),
    Part.KEYS: _("Keys"),
    Part.SWEEPER: _("Rounds that open what came"),
    Part.DELIVERY: _("Rounds that hand out what leaves"),
    Part.QUEUE: _("Queue server"),
    Part.WORKER: _("Worker"),
    Part.INBOX: _("What came and waits to be opened"),
    Part.OUTBOX: _("What is due and waits to be done"),
    Part.UNREAD: _("What came and does not open"),
    Part.FAILED_LETTERS: _("Letters that do not get through"),
    Part.KEPT_LETTERS: _("Letters that are kept here"),
    Part.MAIL: _("Mail server"),
    Part.MAILBOX: _("Mailbox for reports and answers"),
    Part.NAMES: _("Resolvers for look-ups"),
    Part.AUDIT: _("Audit trail"),
    Part.ANCHOR: _("Anchor of the audit trail"),
    Part.BACKUP: _("Backup"),
    Part.RESTORE: _("Restore"),
    Part.CLOCK: _("Clock of this machine"),
    Part.ZONE: _("Time zone"),
    Part.LANGUAGES: _("Texts in both languages"),
    Part.ADDRESSES: _("Addresses of our own sites"),
}
OF_STORE = {
    "written": _("It answers and can be written."),
    "unwritten": _("It answers, and nothing can be written to it: no report is taken."),
    "silent": _("It does not answer."),
    "missing": _("There is no such file."),
}
OF_TABLES = {
    "current": _("They are at migration %(at)s, the newest."),
    "none": _("There are none."),
    "older": _("They are at migration %(at)s; this program needs %(newest)s."),
    "newer": _("They are at migration %(at)s, and this program knows none after %(newest)s."),
}
OF_ROUNDS = {
    "beats": _("The last one went through at %(at)s."),
    "stopped": _("None has gone through since %(at)s."),
    "never": _("None has gone through yet."),
}
OF_ANY = {
    "failed": _("It could not be looked at (%(fault)s)."),
    "store": _("It was not looked at: a store does not answer, or its tables are of another version."),
}
FOUND: Mapping[Part, Mapping[str, object]] = {
    Part.FRONT_STORE: OF_STORE,
    Part.DESK_STORE: OF_STORE,
    Part.FRONT_SCHEMA: OF_TABLES,
    Part.DESK_SCHEMA: OF_TABLES,
    Part.SWEEPER: OF_ROUNDS,
    Part.DELIVERY: OF_ROUNDS,
    Part.SIZE: {
        "fits": _("Public site %(front)s, desk %(desk)s."),
        "large": _("Public site %(front)s, desk %(desk)s: a copy does not fit beside them."),
    },
    Part.INTEGRITY: {
        "whole": _("Both are whole, and no row points nowhere."),
        "damaged": _("A store is damaged."),
        "nowhere": _("Rows of a store point nowhere."),
        "server": _("The database server looks after them itself."),
    },
    Part.DISK: {
        "room": _("%(free)s are free, %(percent)s in a hundred."),
        "files": _("%(free)s are free, and hardly any more files can be made."),
    },
    Part.FILES: {
        "shut": _("None is open to everybody on this machine."),
        "open": _("Open to everybody on this machine: %(names)s"),
    },
    Part.KEYS: {
        "good": _("Each is there, and opens what is sealed now."),
        "no_folder": _("The folder of the keys is not there."),
        "wrong": _("Not there, not working, or open to others: %(names)s"),
        "stale": _("This process seals to another key than the files say."),
        "escrow": _("Each works; the private half of the escrow key still lies on this machine."),
    },
    Part.QUEUE: {
        "answers": _("It answers, and writes nothing to a disk."),
        "away": _("It does not answer. Nothing is lost; work is done minutes later."),
        "persists": _("It answers, and writes its memory to a disk."),
        "unasked": _("It answers, and does not say whether it writes to a disk."),
    },
    Part.WORKER: {
        "works": _("Running: %(count)s. Last heard of at %(at)s."),
        "none": _("The queue server knows of none that runs. The sweeper does the work minutes later."),
        "unknown": _("The queue server does not answer, so nobody can tell."),
    },
    Part.INBOX: {
        "empty": _("Nothing waits."),
        "waits": _("Waiting: %(count)s, the oldest from the hour of %(at)s."),
        "late": _("Waiting too long: %(count)s, the oldest from the hour of %(at)s."),
    },
    Part.OUTBOX: {
        "goes": _("Due now: %(count)s. Nothing is late."),
        "late": _("Late: %(count)s, the oldest since %(at)s."),
        "in_vain": _("Taken again and again, and not done: %(count)s."),
    },
    Part.UNREAD: {"none": _("Nothing."), "some": _("Reports: %(count)s.")},
    Part.FAILED_LETTERS: {"none": _("None."), "some": _("Waiting for a person: %(count)s.")},
    Part.KEPT_LETTERS: {"none": _("None."), "some": _("They have gone to nobody: %(count)s.")},
    Part.MAIL: {
        "set": _("One is set. It was not asked for anything."),
        "none": _("None is set: letters are kept here, and go to nobody."),
        "answers": _("It answers and lets us in. Nothing was sent."),
        "fails": _("Letters cannot be given to it (%(fault)s)."),
    },
    Part.MAILBOX: {
        "none": _("None is set: nothing comes by mail."),
        "read": _("It can be read."),
        "fails": _("It cannot be read (%(fault)s)."),
    },
    Part.NAMES: {
        "off": _("Look-ups are off: nobody is asked."),
        "answer": _("Asked: %(count)s. All answer."),
        "silent": _("Asked: %(count)s. Without an answer: %(silent)s."),
    },
    Part.AUDIT: {
        "head": _("The newest entry follows from the one before it."),
        "whole": _("All entries hold: %(count)s."),
        "broken": _("It breaks at entry %(number)s: it was changed."),
    },
    Part.ANCHOR: {
        "taken": _("Last printed at %(at)s."),
        "old": _("Last printed at %(at)s, which is more than a week ago."),
        "never": _("It has not been printed on this machine."),
        "differs": _("Entry %(number)s is not what it was when the anchor was printed at %(at)s."),
    },
    Part.BACKUP: {
        "made": _("The last one is of %(at)s."),
        "old": _("The last one is of %(at)s: too long ago."),
        "never": _("None is on record."),
    },
    Part.RESTORE: {
        "none": _("None is under way."),
        "unsettled": _("One broke off before its end. Until it is run once more nothing starts."),
    },
    Part.CLOCK: {
        "kept": _("It is set by others on the net, and agrees with the audit trail."),
        "alone": _("It agrees with the audit trail, and has not been set by others on the net."),
        "unknown": _("It agrees with the audit trail."),
        "behind": _("It is before the newest entry of the audit trail, of %(newest)s."),
    },
    Part.ZONE: {"there": _("%(zone)s is known.")},
    Part.LANGUAGES: {
        "compiled": _("In each language: %(count)s."),
        "gone": _("The texts of a language are not there."),
        "uneven": _("So many texts stand in one language alone: %(count)s."),
    },
    Part.ADDRESSES: {
        "set": _("They are set."),
        "loopback": _("Both sites are reached from this machine only."),
        "no_public": _("The address of the public site is not set, so letters name no link to answer by."),
        "plain": _("The public site’s address is not encrypted."),
        "onion": _("The address that is set for the onion service is none."),
    },
}
RESTART = _("Look whether the service runs, and start it again. The log of the services says why it stopped.")
MAKE_ROOM = _("Make room on the disk, or get a larger one. Nothing has to be started again.")
RESTORE = _("Stop all services, copy the disk, and call for help. Then restore the last backup.")
AT_DESK = _("People at the desk see to it. What they need for it may be a key, a mail server or an entry.")
NEXT: Mapping[tuple[Part, str], object] = {
    **{(part, "unwritten"): MAKE_ROOM for part in (Part.FRONT_STORE, Part.DESK_STORE)},
    **{
        (part, "silent"): _("Look at the database server, the disk and who may read the file.")
        for part in (Part.FRONT_STORE, Part.DESK_STORE)
    },
    **{
        (part, "missing"): _("Look at HOTLINE_DATA_DIR. On a new machine: flask prepare, or restore a backup.")
        for part in (Part.FRONT_STORE, Part.DESK_STORE)
    },
    **{(part, code): _("Run flask prepare.") for part in (Part.FRONT_SCHEMA, Part.DESK_SCHEMA) for code in ("none",)},
    **{
        (part, "older"): _("Make a backup, stop the services, and run flask prepare.")
        for part in (Part.FRONT_SCHEMA, Part.DESK_SCHEMA)
    },
    **{
        (part, "newer"): _("Install the version that made them. There is no way back but a backup.")
        for part in (Part.FRONT_SCHEMA, Part.DESK_SCHEMA)
    },
    **{(part, code): RESTART for part in (Part.SWEEPER, Part.DELIVERY) for code in ("stopped", "never")},
    (Part.SIZE, "large"): MAKE_ROOM,
    (Part.INTEGRITY, "damaged"): RESTORE,
    (Part.INTEGRITY, "nowhere"): RESTORE,
    (Part.DISK, "room"): MAKE_ROOM,
    (Part.DISK, "files"): MAKE_ROOM,
    (Part.FILES, "open"): _("Run chmod o-rwx on them."),
    (Part.KEYS, "no_folder"): _("Look at HOTLINE_KEYS_DIR. Put the keys back from their backup."),
    (Part.KEYS, "wrong"): _("Run flask keys check: it says what is wrong with each. Put back what is gone."),
    (Part.KEYS, "stale"): _("Start all services again, and copy the public keys to the public site’s user."),
    (Part.KEYS, "escrow"): _("Move it to a medium in another safe: whoever takes this machine reads the backups too."),
    (Part.QUEUE, "away"): RESTART,
    (Part.QUEUE, "persists"): _("Set save to nothing and appendonly to no there."),
    (Part.QUEUE, "unasked"): _("Ask whoever keeps it that it writes nothing to a disk."),
    (Part.WORKER, "none"): RESTART,
    (Part.WORKER, "unknown"): RESTART,
    (Part.INBOX, "late"): RESTART,
    (Part.OUTBOX, "late"): RESTART,
    (Part.OUTBOX, "in_vain"): _("The log of the services names the fault, and where."),
    (Part.UNREAD, "some"): _("Look whether a key is missing. Then an analyst tries again at the desk."),
    (Part.FAILED_LETTERS, "some"): AT_DESK,
    (Part.KEPT_LETTERS, "some"): _("Set a mail server, or let people at the desk send them by hand."),
    (Part.MAIL, "none"): _("Set HOTLINE_SMTP_URL, or let people at the desk send letters by hand."),
    (Part.MAIL, "fails"): _("Look at HOTLINE_SMTP_URL: name, password, encryption, and whether it can be reached."),
    (Part.MAILBOX, "fails"): _("Look at HOTLINE_IMAP_URL: name, password, folder, and whether it can be reached."),
    (Part.NAMES, "silent"): _("Look at HOTLINE_DNS_SERVERS, and whether they can be reached from here."),
    (Part.AUDIT, "broken"): _("Call for help, and change nothing. Compare with the anchors that were printed."),
    (Part.ANCHOR, "never"): _("Run flask audit anchor, and keep what it prints elsewhere."),
    (Part.ANCHOR, "old"): _("Run flask audit anchor, and keep what it prints elsewhere."),
    (Part.ANCHOR, "differs"): _("Call for help, and change nothing. Compare with the anchors that were printed."),
    (Part.BACKUP, "never"): _("Run flask backup, and keep the file on another machine."),
    (Part.BACKUP, "old"): _("Run flask backup, and keep the file on another machine."),
    (Part.RESTORE, "unsettled"): _("Run the same flask restore once more: it goes on from there."),
    (Part.CLOCK, "behind"): _("Set the clock right before anything else: what is due depends on it."),
    (Part.CLOCK, "alone"): _("Turn on a service that keeps the clock, such as systemd-timesyncd."),
    (Part.LANGUAGES, "gone"): _("Install the program again: its files are not whole."),
    (Part.LANGUAGES, "uneven"): _("Tell whoever makes the program. Pages show the English words meanwhile."),
    (Part.ADDRESSES, "no_public"): _("Set HOTLINE_PUBLIC_URL for the desk, the worker and the sweeper too."),
    (Part.ADDRESSES, "plain"): _(
        "Put a proxy with a certificate before it, and set an address that begins with https."
    ),
    (Part.ADDRESSES, "onion"): _("Look at HOTLINE_ONION_URL: it ends with .onion."),
}
OTHERWISE = {
    "failed": _("Mend what stands above it first. If it stays, the log says where it failed."),
    "store": _("Mend the store first."),
}
TONES = {State.WELL: "done", State.LOOK: "due", State.WRONG: "alert"}
ICONS = {State.WELL: "check", State.LOOK: "clock", State.WRONG: "warn"}


class Line(NamedTuple):
    """One check in words. `next` is empty where nothing is to be done."""

    state: State
    name: str
    word: str
    found: str
    next: str
    tone: str
    icon: str


def tell(one: Check) -> Line:
    """Put one check into words."""
    found = OF_ANY.get(one.code) or FOUND[one.part][one.code]
    return Line(
        state=one.state,
        name=str(NAMES[one.part]),
        word=str(STATES[one.state]),
        found=str(found) % {name: _told(name, value) for name, value in one.told.items()},
        next=_next(one),
        tone=TONES[one.state],
        icon=ICONS[one.state],
    )


def _next(one: Check) -> str:
    if one.state is State.WELL:
        return ""
    return str(NEXT.get((one.part, one.code)) or OTHERWISE[one.code])


def _told(name: str, value: Told) -> str:
    if isinstance(value, datetime):
        return words.moment(value)
    if name in BYTES and isinstance(value, int):
        return _size(value)
    return str(format_decimal(value)) if isinstance(value, int) else value


def _size(count: int) -> str:
    for unit, least in MAKES:
        if count >= least:
            return f"{format_decimal(round(count / least, 1))} {unit}"
    return f"{format_decimal(count)} B"
