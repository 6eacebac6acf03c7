"""What has to stand before a victim case is closed: what the records show, what a person says, and what is missing.

What the records show nobody ticks. What they contradict nobody can tick. A manager reads the list without the file, so
it holds codes and nobody's words. Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from hotline.vocabulary import CaseOutcome, CaseStatus


class Check(StrEnum):
    """One line of the checklist, in the order in which it is read."""

    NEEDS = "needs"  # looked at again: an assessment is approved, and none is in hand
    REFERRALS = "referrals"  # each has an end; none waits to leave
    ACTIONS = "actions"  # none is open
    POLICE = "police"  # nothing that the police were told waits for them
    CONSENTS = "consents"  # ended; or it was noted with whom they stand, and why
    TOLD = "told"  # child or guardian know that it ends, and how to come back
    SAFETY_PLAN = "safety_plan"  # is in their hands
    SAFE_CONTACT = "safe_contact"  # still holds
    GOES_ON = "goes_on"  # another organisation has taken it up


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records of a case show: whether, and how many."""

    assessed: bool
    open_referrals: int
    open_actions: int
    open_packages: int  # of what the police were told
    standing_consents: int
    has_safe_contact: bool
    taken_up: bool  # a service has accepted a referral, or done what it asked for


BY_RECORDS = (Check.NEEDS, Check.REFERRALS, Check.ACTIONS, Check.POLICE)
BY_PERSON = (Check.CONSENTS, Check.TOLD, Check.SAFETY_PLAN, Check.SAFE_CONTACT)
ALWAYS = frozenset({Check.REFERRALS, Check.ACTIONS, Check.POLICE, Check.CONSENTS})
_WITH_THEM = frozenset({Check.NEEDS, Check.TOLD, Check.SAFETY_PLAN, Check.SAFE_CONTACT})
NOT_ASKED = {  # what cannot be had where a case ends so; it stands on the list all the same, as not said
    CaseOutcome.OUT_OF_REACH: _WITH_THEM,
    CaseOutcome.OTHER: _WITH_THEM,
    CaseOutcome.DECLINED: _WITH_THEM - {Check.TOLD},
    CaseOutcome.MOVED_ON: frozenset({Check.NEEDS}),
}


def shown(facts: Facts) -> frozenset[Check]:
    """Return what the records show by themselves."""
    stands = {
        Check.NEEDS: facts.assessed,
        Check.REFERRALS: not facts.open_referrals,
        Check.ACTIONS: not facts.open_actions,
        Check.POLICE: not facts.open_packages,
        Check.CONSENTS: not facts.standing_consents,
        Check.GOES_ON: facts.taken_up,
    }
    return frozenset(check for check, is_so in stands.items() if is_so)


def contradicted(facts: Facts) -> frozenset[Check]:
    """Return what the records say is not so: nobody can tick it."""
    wrong = {check for check in BY_RECORDS if check not in shown(facts)}
    return frozenset(wrong if facts.has_safe_contact else wrong | {Check.SAFE_CONTACT})


def asked(outcome: CaseOutcome) -> tuple[Check, ...]:
    """Return the list for a case that ends so."""
    return tuple(check for check in Check if check is not Check.GOES_ON or outcome is CaseOutcome.MOVED_ON)


def needed(outcome: CaseOutcome) -> frozenset[Check]:
    """Return what of the list must stand; the rest a manager weighs."""
    return frozenset(asked(outcome)) - NOT_ASKED.get(outcome, frozenset())


def judge(
    facts: Facts, outcome: CaseOutcome, ticked: Collection[Check], *, reason: str
) -> tuple[tuple[Check, ...], tuple[tuple[str, str], ...]]:
    """Return what of the list stands, in its order, and (check, code) for everything that is wrong with it.

    `reason` says who goes on with the case where the records show nobody; it is somebody's words, and kept elsewhere.
    """
    against, own = contradicted(facts), shown(facts)
    says = {check for check in ticked if check in BY_PERSON}
    if outcome is CaseOutcome.MOVED_ON and reason:
        says.add(Check.GOES_ON)
    faults = [(str(check), "contradicted") for check in asked(outcome) if check in says & against]
    stands = tuple(check for check in asked(outcome) if check in (own | says) - against)
    missing = [check for check in asked(outcome) if check in needed(outcome) and check not in stands]
    known = {check for check, _code in faults}
    faults += [(str(check), "missing") for check in missing if str(check) not in known]
    return stands, tuple(faults)


def written(checks: Collection[Check]) -> str:
    """Return a list as it is stored."""
    return " ".join(checks)


def read(checklist: str) -> frozenset[Check]:
    """Read a list that `written` wrote, also one with lines that are asked no more."""
    known = set(Check)
    return frozenset(Check(code) for code in checklist.split() if code in known)


def status_after(outcome: CaseOutcome) -> CaseStatus:
    """Return what a case is once its closure is approved."""
    return CaseStatus.TRANSFERRED if outcome is CaseOutcome.MOVED_ON else CaseStatus.CLOSED
