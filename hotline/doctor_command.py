"""`flask doctor`: every part looked at, one line each; exit 1 when something is wrong."""

from collections.abc import Iterator, Sequence

import click
from flask_babel import force_locale

from hotline.blueprints.desk import checkup_words
from hotline.plain_commands import Plain
from hotline.rules import checkup as rules
from hotline.rules.checkup import Check, State
from hotline.services import checkup
from hotline.vocabulary import Language


@click.command("doctor", cls=Plain)
@click.option("--mail", is_flag=True, help="Also sign in to the mail servers. Nothing is sent or read.")
@click.option("--deep", is_flag=True, help="Also read both stores and the audit trail whole, which takes a while.")
def doctor(mail: bool, deep: bool) -> None:
    """Look whether all is well: one line for each part. Exit 1 when something is wrong. Changes nothing."""
    found = checkup.run(mail=mail, deep=deep)
    with force_locale(Language.EN):
        for line in _lines(found):
            click.echo(line)
    if rules.worst(found) is State.WRONG:
        raise SystemExit(1)


def _lines(found: Sequence[Check]) -> Iterator[str]:
    for one in found:
        told = checkup_words.tell(one)
        yield f"{one.state:<5}  {told.name}: {told.found}{f' {told.next}' if told.next else ''}"
    counts = {state: sum(one.state is state for one in found) for state in State}
    if counts[State.WRONG] or counts[State.LOOK]:
        yield f"{counts[State.WRONG]} wrong, {counts[State.LOOK]} to look at, {counts[State.WELL]} well."
    else:
        yield "All is well."
