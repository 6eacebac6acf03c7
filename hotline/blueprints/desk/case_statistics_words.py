"""What the figures of victim cases are called, and what each counts."""

from flask_babel import lazy_gettext as _

from hotline.blueprints.desk import words
from hotline.rules.case_statistics import POLICY, WISH
from hotline.rules.case_work import Contacted
from hotline.vocabulary import AgeBand, CaseFigure, CaseOutcome, CaseSource, Found, Need, ReferralStatus

KINDS = {
    CaseFigure.OPENED: CaseSource,
    CaseFigure.NEED: Need,
    CaseFigure.REFERRED: Need,
    CaseFigure.ANSWERED: ReferralStatus,
    CaseFigure.GAP: Need,
    CaseFigure.OUTCOME: CaseOutcome,
    CaseFigure.AGE: AgeBand,
    CaseFigure.FOUND: Found,
}
PARTS = {
    Contacted.HOURS_3: _("Within 3 hours"),
    Contacted.DAY: _("Within 1 day"),
    Contacted.DAYS_3: _("Within 3 days"),
    Contacted.WEEK: _("Within 7 days"),
    Contacted.LATER: _("Later"),
    POLICY: _("Their day was over"),
    WISH: _("At the person's wish"),
}
NAMES = {
    CaseFigure.OPENED: (_("Cases opened"), _("Each case once, by where word of the child came from.")),
    CaseFigure.FIRST_CONTACT: (
        _("Time to the first contact"),
        _("From opening a case until somebody spoke with child or family. Cases without any contact are not here."),
    ),
    CaseFigure.NEED: (
        _("Needs found"),
        _("Each domain once a case, when an approved assessment first finds it high or medium."),
    ),
    CaseFigure.REFERRED: (_("Referrals sent"), _("Each referral once, when it has left, by the need it is for.")),
    CaseFigure.ANSWERED: (
        _("What became of referrals"),
        _("Each answer of a service. One referral can be accepted, in progress and done, and counts each time."),
    ),
    CaseFigure.GAP: (_("Services that were missing"), _("Each time nobody could be found for a need.")),
    CaseFigure.OUTCOME: (
        _("How cases ended"),
        _("Each approved closure. A case that was taken up again and closed again counts twice."),
    ),
    CaseFigure.AGE: (_("Age at the end"), _("Each case once, when it is closed for the first time.")),
    CaseFigure.FOUND: (
        _("What the police found out"),
        _("Each answer of the police about a victim."),
    ),
    CaseFigure.ERASED: (_("Files erased"), _("Each file once. What was counted before stays.")),
}


def name(figure: CaseFigure) -> str:
    """Return what a figure is called."""
    return str(NAMES[figure][0])


def definition(figure: CaseFigure) -> str:
    """Return what a figure counts."""
    return str(NAMES[figure][1])


def part(figure: CaseFigure, code: str) -> str:
    """Return what a part of a figure is called."""
    return str(words.of(KINDS[figure](code)) if figure in KINDS else PARTS[code])
