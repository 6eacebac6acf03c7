"""Who may have access to what: roles that must not meet, accounts nobody uses, and what a review has to say. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

from hotline.rules import clear_words
from hotline.vocabulary import AccessVerdict, Role, RoleClash

LONGEST_REASON = 500
UNUSED_AFTER = timedelta(days=90)
SEES_ITEMS = frozenset({Role.ANALYST, Role.REVIEWER})


def clashes(roles: Collection[Role]) -> tuple[RoleClash, ...]:
    """Return which roles of one person must not meet: who sees addresses sees no victim file; admins see neither.

    The counsellor is nobody whom the team works with or for: people must be able to talk.
    """
    held = frozenset(roles)
    sees_items, supports = bool(held & SEES_ITEMS), Role.VICTIM_SUPPORT in held
    found = {
        RoleClash.ANALYST_AND_VICTIM_SUPPORT: sees_items and supports,
        RoleClash.COUNSELLOR_AND_OTHERS: Role.COUNSELLOR in held
        and (sees_items or bool(held & {Role.ADMIN, Role.MANAGER})),
        RoleClash.ADMIN_AND_CASES: Role.ADMIN in held and (sees_items or supports),
    }
    return tuple(clash for clash, is_found in found.items() if is_found)


def is_unused(seen_at: datetime | None, created_at: datetime, now: datetime) -> bool:
    """Whether nobody has signed in to an account for long; one that nobody ever used counts from when it was made."""
    return now - (seen_at or created_at) > UNUSED_AFTER


def seen(roles: Collection[Role], found: Collection[RoleClash], *, may_enter: bool) -> str:
    """Return what a reviewer sees of an account and vouches for, as one word that a form can carry back."""
    return ",".join((*sorted(roles), *found, "enters" if may_enter else "stays-out"))


def judge(verdict: str, reason: str) -> tuple[AccessVerdict | None, str, tuple[str, str] | None]:
    """Return what was said of one account, its reason, and the fault as (part, code): a change needs a reason."""
    if verdict not in set(AccessVerdict):
        return None, reason, ("verdict", "required")
    said = AccessVerdict(verdict)
    words, fault = clear_words.judge(reason, LONGEST_REASON, needed=said is AccessVerdict.CHANGE)
    return said, words, ("reason", fault) if fault else None
