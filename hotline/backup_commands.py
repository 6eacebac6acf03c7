"""`flask backup FILE` and `flask restore FILE`, and what they say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app

from hotline import clock, vault
from hotline.config import settings
from hotline.plain_commands import Plain
from hotline.services import after_restore, backups, restoring, schema, unsettled
from hotline.services.after_restore import Aftermath
from hotline.services.backup_files import Manifest
from hotline.services.backups import Made
from hotline.services.restoring import Backup, Found, Keys
from hotline.vocabulary import Surface

FILE = click.argument("file", type=click.Path(path_type=Path))
NOTED_AT = "/desk/practice/security/restore"


@click.command("backup", cls=Plain)
@FILE
def backup(file: Path) -> None:
    """Write everything but the private keys to FILE, sealed to the escrow key, while the portal runs.

    Never overwrites.
    """
    for line in _of_backup(file, backups.make(file)):
        click.echo(line)


@click.command("restore", cls=Plain)
@FILE
@click.option("--key", type=click.Path(path_type=Path), help="The file of the escrow private key, escrow-….key.")
@click.option("--check", is_flag=True, help="Read all of FILE, say what it holds, and write nothing.")
def restore(file: Path, key: Path | None, check: bool) -> None:
    """Fill empty stores from FILE. Nothing of the portal may run, and the other private keys must be back in place."""
    began = clock.now()
    found = Backup(file, key)
    manifest, keys = restoring.check(found)
    for line in _of_content(file, manifest):
        click.echo(line)
    if check:
        _end_check(manifest, keys)
        return
    restoring.refuse_unless_fit(manifest, keys)
    restoring.fill(found, manifest)
    _load_keys()
    done = after_restore.settle(manifest)  # before anything else can go wrong
    unsettled.forget()
    seen = restoring.look_through(manifest)
    for line in (*_of_state(manifest, seen), *_of_aftermath(manifest, done), *_of_record(manifest, began)):
        click.echo(line)
    if not seen.is_well:
        raise click.ClickException("The stores are restored, and what is said above does not hold. Call for help.")


def _load_keys() -> None:
    """Read the keys, now that their public halves are back; what may be made anew at any time is made."""
    vault.create_keys(settings().keys_dir)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    app.extensions["hotline.keyring"] = vault.load_for(Surface.OFFICE, settings().keys_dir)


def _of_backup(file: Path, made: Made) -> Iterator[str]:
    yield f"{file}: {_size(made.size)}, sealed to the escrow key {made.key_id}."
    yield f"SHA-256 {made.digest}"
    yield from _of_stores(made.manifest)
    number, mark = made.manifest.anchor
    yield f"The audit trail ends at entry {number}: {mark}"
    yield "It holds no private key. Without these files, kept elsewhere, it cannot be read or used:"
    yield f"  escrow/escrow-{made.key_id}.key  (opens the file)"
    for name in made.manifest.keys:
        yield f"  {name}"
    if made.key_is_here:
        yield f"The escrow key still lies in {settings().keys_dir}: whoever takes this machine reads the backups too."


def _of_content(file: Path, manifest: Manifest) -> Iterator[str]:
    yield f"{file} is whole: made {_moment(manifest.moment)} by version {manifest.version}."
    yield f"SHA-256 {backups.digest_of(file)} (compare it with what `flask backup` said)"
    yield from _of_stores(manifest)


def _of_stores(manifest: Manifest) -> Iterator[str]:
    for name in schema.STORES:
        store = manifest.stores[name]
        yield (
            f"The {name} store ({store.engine}, migration {store.revision}):"
            f" {sum(store.rows.values()):,} rows in {len(store.rows)} tables."
        )
    yield f"{_many(manifest.letters, 'kept letter')}, {_many(manifest.halves, 'file')} of public key halves."


def _end_check(manifest: Manifest, keys: Keys) -> None:
    if keys.fit:
        click.echo(f"All {len(manifest.keys)} secret files that it needs are here.")
    else:
        click.echo(f"Needed beside it, and not in {settings().keys_dir}: {', '.join(keys.missing + keys.different)}")
    click.echo(f"Nothing was written. Note it as a test at {NOTED_AT}.")


def _of_state(manifest: Manifest, seen: Found) -> Iterator[str]:
    if seen.breaks_at is not None:
        yield f"The audit trail breaks at entry {seen.breaks_at}."
    elif not seen.has_anchor:
        yield "The audit trail is not the one that the backup says it holds."
    else:
        yield f"The audit trail holds: {seen.entries} entries. Compare with the anchor you keep: {manifest.anchor[1]}"
    yield f"{seen.opened} sealed values were tried and open{'' if not seen.shut else f', {seen.shut} do NOT'}."


def _of_aftermath(manifest: Manifest, done: Aftermath) -> Iterator[str]:
    """Say what waits for people; a line for each kind of which there is any."""
    counts = {
        "letter was on its way: it may have gone since, and a person decides": done.letters,
        "letter waits for a person's hand: it may have gone since": done.by_hand,
        "reminder is not written by itself any more until a person lets it": done.reminders,
        "referral was on its way: it may have gone since, and is a draft again": done.referrals,
        "letter about an incident was on its way: it may have gone since": done.incident_letters,
        "step for ICCAM may be known there already: a person looks": done.iccam_steps,
        "mail of duties to our own people is not sent any more": done.own_mails,
        "file or note was due to be erased, and is": done.erased,
    }
    for what, count in counts.items():
        if count:
            yield f"{count} × {what}."
    yield f"What happened after {_moment(manifest.moment)} is lost here, though it happened:"
    yield from (
        "  reports sent since then: their receipts find nothing (look for them in a later backup);",
        "  letters that left since then: compare with the mail server before anything is approved again;",
        "  consent withdrawn, holds, objections, accounts closed, keys and doors withdrawn: do it all again;",
        "  passwords, roles, second factors and calendar addresses are again what they were then: change them again;",
        "  people added since are gone; whoever is added next gets a number that letters and records know as theirs;",
        "  files erased at a person's wish: `flask retention run` cannot know them; the certificates name them;",
        "  mail taken from the mailbox: move it from its folders back to where new mail comes in.",
    )


def _of_record(manifest: Manifest, began: datetime) -> Iterator[str]:
    minutes = max(1, round((clock.now() - began).total_seconds() / 60))
    yield "Everybody is signed out. The restore is in the audit trail. Then: flask prepare, flask keys check, start."
    what = f"backup of {_moment(manifest.moment)}, {_many(minutes, 'minute')}"
    yield f"If this was a test, note it at {NOTED_AT} of the portal in use: {what}."


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
