"""What a restore means for the outside: between the backup and now things were done that the portal knows nothing of.

Nothing goes once more by itself, nobody stays signed in, and what is to be erased by now is erased.
"""

from dataclasses import dataclass

from hotline.services import (
    audit,
    backups,
    case_retention,
    duty_digests,
    iccam,
    incident_letters,
    notice_sending,
    referral_sending,
    reminders,
    report_retention,
    sessions,
)
from hotline.services.backup_files import Manifest
from hotline.transactions import writing


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What waits for people now: letters, referrals and steps that may have gone, and what was erased."""

    letters: int
    by_hand: int
    reminders: int
    referrals: int
    incident_letters: int
    own_mails: int
    iccam_steps: int
    erased: int


def settle(manifest: Manifest) -> Aftermath:
    """Leave to people what may have gone since the backup, erase what is due, and put the restore on record."""
    sessions.end_all()
    with writing():
        held = reminders.leave_to_people()
        letters, by_hand = notice_sending.leave_to_people()
        referrals, incident = referral_sending.leave_to_people(), incident_letters.leave_to_people()
        mails, steps = duty_digests.forget_unsent(), iccam.leave_to_people()
        number, mark = manifest.anchor
        audit.record(
            None,
            backups.RESTORED,
            backups.SUBJECT,
            moment=manifest.made_at,
            entries=number,
            mark=mark,
            letters=letters,
            by_hand=by_hand,
            reminders=held,
            referrals=referrals,
            incident_letters=incident,
            iccam=steps,
        )
    erased = case_retention.run()
    report_retention.run()  # what reporters gave, and went since the backup
    erased_words = case_retention.erase_links(most=1_000_000)
    return Aftermath(letters, by_hand, held, referrals, incident, mails, steps, len(erased) + erased_words)
