"""What an admin types after `flask`."""

import csv
import signal
import sys
import threading
import time
from typing import BinaryIO

import click
from flask import Flask, current_app
from flask_babel import force_locale

from hotline import i18n, vault
from hotline.backup_commands import backup, restore
from hotline.blueprints.desk import criteria_words, statistics_files
from hotline.config import settings
from hotline.doctor_command import doctor
from hotline.errors import Refused, SettingsError
from hotline.gateways import mail
from hotline.jobs import sweep, worker
from hotline.plain_commands import Plain, Plainly
from hotline.rules import labels as label_table
from hotline.services import (
    anchors,
    audit,
    case_retention,
    demo,
    directory_seed,
    inhope_export,
    labels,
    public_texts,
    report_retention,
    schema,
    second_factor,
    service_providers,
    staff,
    unsettled,
)
from hotline.transactions import writing
from hotline.vocabulary import Language, Role, Surface, TextKey

OWN = click.option(
    "--own", is_flag=True, help="The person typed the password, so it need not be changed at the next sign-in."
)


def install(app: Flask) -> None:
    """Give `app` every command."""
    for one in (prepare, work, sweeper, run_demo, run_seed, doctor, backup, restore, *GROUPS):
        app.cli.add_command(one)


@click.command("prepare", cls=Plain)
def prepare() -> None:
    """Make keys, databases and, on an empty folder on loopback, demo data. Safe to repeat."""
    unsettled.refuse(settings())
    schema.upgrade()
    _make_keys()
    if settings().demo and settings().on_loopback and not staff.anybody():
        for line in demo.people():
            click.echo(line)
        with writing():
            demo.later(40)


@click.command("worker", cls=Plain)
def work() -> None:
    """Run the queue's jobs until stopped; waits while the queue server is away."""
    unsettled.refuse(settings())
    _need_keys()
    while not worker.work():
        time.sleep(1)


@click.command("sweep", cls=Plain)
@click.option("--once", is_flag=True, help="Do what is due now, and stop.")
def sweeper(once: bool) -> None:
    """Open the inbox, and make happen whatever is due."""
    unsettled.refuse(settings())
    _need_keys()
    if once:
        sweep.once()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sweep.forever(stop.is_set)


@click.command("demo", cls=Plain)
@click.option("--items", "count", default=40, help="How many invented items.")
def run_demo(count: int) -> None:
    """Add invented data; every host is a reserved name. Only where both sites are on loopback."""
    if not settings().on_loopback:
        raise click.ClickException(
            "Invented reports would stand among real ones, and be counted: only where HOTLINE_PUBLIC_URL and"
            " HOTLINE_DESK_URL are on loopback."
        )
    demo.reports(count)


@click.command("seed", cls=Plain)
def run_seed() -> None:
    """Fill both directories with what the jurisdiction's files list, unverified. Safe to repeat; never overwrites."""
    with writing():
        added, services = directory_seed.fill(), service_providers.seed()
    click.echo(
        f"{len(added)} entries and {len(services)} services added, none verified: a person has to, before anything"
        " goes to them."
    )


@click.group("db", cls=Plainly)
def db_group() -> None:
    """Databases."""


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring both stores to the newest migration."""
    unsettled.refuse(settings())
    schema.upgrade()


@click.group("keys", cls=Plainly)
def keys_group() -> None:
    """Keys."""


@keys_group.command("create")
def keys_create() -> None:
    """Make every key that is missing; never overwrites."""
    click.echo("Keys made." if vault.create_keys(settings().keys_dir) else "All keys were there already.")


@keys_group.command("rotate")
@click.argument("lock", type=click.Choice([*(str(lock) for lock in vault.Lock), vault.SIGNS]))
def keys_rotate(lock: str) -> None:
    """Seal to a new key from now on. Restart the services afterwards; older keys still open what they sealed.

    `exchange` signs messages to partner hotlines: give them its public half, which the desk shows.
    """
    if lock == vault.SIGNS:
        click.echo(f"New {lock} key {vault.rotate_signing(settings().keys_dir)}. Restart the services, tell partners.")
        return
    click.echo(f"New {lock} key {vault.rotate(settings().keys_dir, vault.Lock(lock))}. Restart the services.")


@keys_group.command("check")
def keys_check() -> None:
    """Say of each key whether it works and who may read it. Exit 1 when something is wrong."""
    found = vault.check(settings().keys_dir)
    for name, state in found.items():
        click.echo(f"{name}: {state}")
    if any(state not in {"ok", vault.AWAY} for state in found.values()):
        raise SystemExit(1)


@click.group("staff", cls=Plainly)
def staff_group() -> None:
    """People at the desk."""


@staff_group.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--language", default="en", type=click.Choice([str(lang) for lang in Language]))
@OWN
@click.password_option()
def staff_add(name: str, roles: tuple[str, ...], language: str, own: bool, password: str) -> None:
    """Add a person. What leaves the house bears the number that is printed, never the name."""
    chosen = [Role(role) for role in roles]
    with writing():
        added = staff.add(name, password, chosen, language=Language(language), by=None, must_change=not own)
        click.echo(f"{added.name} is {added.number}.")


@staff_group.command("list")
def staff_list() -> None:
    """List everybody."""
    for one in staff.list_staff():
        state = "" if one.active else " (closed)"
        click.echo(f"{one.number}  {one.name}  {', '.join(sorted(one.roles))}{state}")


@staff_group.command("disable")
@click.argument("name")
def staff_disable(name: str) -> None:
    """Close an account and end its sessions. Says how many duties of the code of practice have no owner now."""
    with writing():
        person = staff.get_by_name(name)
        ownerless = staff.disable(person, by=None)
        number = person.number
    click.echo(f"{number} is closed. Duties without an owner now: {ownerless}.")


@staff_group.command("reset")
@click.argument("name")
@OWN
@click.option("--factor", is_flag=True, help="Take away the second factor as well: the phone is lost.")
@click.password_option()
def staff_reset(name: str, own: bool, factor: bool, password: str) -> None:
    """Give a person a new password and end their sessions."""
    with writing():
        person = staff.get_by_name(name)
        staff.reset_password(person, password, by=None, must_change=not own)
        if factor:
            second_factor.take_away(person, by=None)


@click.group("letters", cls=Plainly)
def letters_group() -> None:
    """Letters kept because no mail server is set."""


@letters_group.command("show")
def letters_show() -> None:
    """Open every kept letter."""
    for name, message in mail.kept_letters(settings().data_dir / "letters", vault.keyring()).items():
        click.echo(f"===== {name}\n{message}")


@click.group("audit", cls=Plainly)
def audit_group() -> None:
    """The audit trail."""


@audit_group.command("verify")
def audit_verify() -> None:
    """Recompute the chain. Exit 1 when it is broken."""
    count, broken = audit.verify()
    if broken is not None:
        click.echo(f"The chain breaks at entry {broken}; {count} before it hold.")
        raise SystemExit(1)
    click.echo(f"{count} entries, all hold. Of {audit.count_erased()} the details were erased.")


@audit_group.command("anchor")
def audit_anchor() -> None:
    """Print the last entry's number and hash, to keep elsewhere."""
    click.echo("{} {}".format(*anchors.take()))


@click.group("notice", cls=Plainly)
def notice_group() -> None:
    """The line above the public home page."""


@notice_group.command("show")
def notice_show() -> None:
    """Say what stands above the home page in each language."""
    for language in Language:
        click.echo(f"{language}: {public_texts.find(TextKey.NOTICE, language) or '(none)'}")


@notice_group.command("set")
@click.option("--lang", "language", required=True, type=click.Choice([str(lang) for lang in Language]))
@click.argument("text")
def notice_set(language: str, text: str) -> None:
    """Show TEXT above the home page of one language, within half a minute."""
    with writing():
        public_texts.write(TextKey.NOTICE, text, Language(language), by=None)


@notice_group.command("clear")
@click.option("--lang", "languages", multiple=True, type=click.Choice([str(lang) for lang in Language]))
def notice_clear(languages: tuple[str, ...]) -> None:
    """Take the line away, from every language unless one is named."""
    with writing():
        for language in languages or Language:
            public_texts.clear(TextKey.NOTICE, Language(language), by=None)


@click.group("labels", cls=Plainly)
def labels_group() -> None:
    """Labels of the INHOPE Universal Classification Schema. None come with the portal."""


@labels_group.command("import")
@click.argument("file", type=click.File("rb"))
def labels_import(file: BinaryIO) -> None:
    """Load a table from FILE (`-`: what is piped in), all of it or none. Findings keep the labels they were given."""
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException("The table is not UTF-8. Save it as CSV (UTF-8).") from None
    try:
        with writing():
            count = labels.load(text, by=None)
    except Refused as refusal:
        raise click.ClickException(criteria_words.say_labels(*refusal.faults[0])) from None
    click.echo(f"{count} loaded.")


@labels_group.command("list")
def labels_list() -> None:
    """List the labels that can be ticked now, as the table they can be loaded from."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(label_table.COLUMNS)
    for found in labels.current().sections.values():
        for one in found:
            table.writerow([getattr(one, column) for column in label_table.COLUMNS])


@click.group("retention", cls=Plainly)
def retention_group() -> None:
    """How long files of victims, and what reporters gave, are kept."""


@retention_group.command("run")
@click.option("--dry-run", is_flag=True, help="List what is due, and erase nothing.")
def retention_run(dry_run: bool) -> None:
    """Erase what was kept long enough: files of victims, and what reporters gave. Needs no key to any of it.

    Files that two people said are to go are erased as well.
    """
    if dry_run:
        waiting = report_retention.due()
        click.echo(f"{waiting.contacts} contact details and {waiting.reports} reports are due.")
        for one in case_retention.list_due():
            click.echo(f"{one.ref}  kept until {one.keep_until}")
        for ref in case_retention.list_wished():
            click.echo(f"{ref}  to be erased at a person's wish")
        return
    gone = case_retention.run()
    for ref in gone:
        click.echo(ref)
    click.echo(f"{len(gone)} erased.")
    went = report_retention.run()
    click.echo(f"{went.contacts} contact details and {went.reports} reports erased.")


@click.group("translations", cls=Plainly)
def translations_group() -> None:
    """The words of the portal in its languages."""


@translations_group.command("review")
@click.option("--lang", "language", default=str(Language.KM), type=click.Choice([str(lang) for lang in Language]))
def translations_review(language: str) -> None:
    """List what a native speaker has still to read, each with the English it stands for."""
    unread = i18n.list_unread(Language(language))
    for entry in unread:
        click.echo(f"{f'[{entry.context}] ' if entry.context else ''}{entry.message}\n    {entry.translation}")
    click.echo(f"{len(unread)} to read. Take the comment {i18n.UNREAD!r} away from what has been read.")


@click.group("export", cls=Plainly)
def export_group() -> None:
    """Figures for others."""


@export_group.command("inhope")
@click.option("--year", required=True, type=click.IntRange(2000, 9999))
@click.option("--format", "form", default="csv", type=click.Choice(["csv", "json"]))
@click.option("--lang", "language", default=str(Language.EN), type=click.Choice([str(lang) for lang in Language]))
def export_inhope(year: int, form: str, language: str) -> None:
    """Write the exact figures of a year with their definitions: as they were frozen, else as they stand."""
    with force_locale(language):
        found = inhope_export.of_year(year)
        write = statistics_files.year_as_json if form == "json" else statistics_files.year_as_csv
        click.echo(write(found), nl=False)
    if found.digest is None:
        click.echo(f"{year} is not frozen: these figures may still change.", err=True)


GROUPS = (
    db_group,
    keys_group,
    staff_group,
    letters_group,
    audit_group,
    notice_group,
    labels_group,
    retention_group,
    export_group,
    translations_group,
)


def _make_keys() -> None:
    """Make what is missing, but nothing in the place of keys that a store in use was sealed or indexed with."""
    in_use, gone = staff.anybody(), vault.list_gone(settings().keys_dir)
    if in_use and gone:
        raise click.ClickException(
            f"{settings().keys_dir} has no {', '.join(gone)}, but there are accounts: a key is lost, or"
            " HOTLINE_KEYS_DIR is wrong. Put it back from the backup of the keys. A new one opens nothing that is"
            " stored and finds no receipt; where there is no backup, it is made by: flask keys create"
        )
    made = vault.create_keys(settings().keys_dir)
    if in_use and made:
        click.echo(f"Keys made: {', '.join(made)}. Back them up; copy keys/public to the public site's user again.")
    _load_keys()


def _need_keys() -> None:
    """Refuse, before anything is begun, where a key is missing."""
    if not vault.keyring().current:
        _load_keys()


def _load_keys() -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        app.extensions["hotline.keyring"] = vault.load_for(Surface.OFFICE, settings().keys_dir)
    except SettingsError as exc:
        raise click.ClickException(str(exc)) from None
