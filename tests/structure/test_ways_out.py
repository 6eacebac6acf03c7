"""Whatever leaves the team asks `secrecy`, or stands here with the reason why it needs not."""

import re

import pytest

from tests.structure.markup import HOTLINE

# How words leave: by mail, encrypted to somebody, to a receipt's key or a partner's, into the front store, as a file
LEAVES = re.compile(
    r"mail(?:er|ing)\.send\(|encryption\.encrypt\(|seal_to_receipt\(|seal_to_partner\(|apart\(front_engine\(\)\)"
    r"|Content-Disposition"
)
PAPER = 'extends "desk/paper.html"'
ASKS = re.compile(r"\bsecrecy\.(check\w*|count|note|leaks_in\w*|names_one_of_us)\b")

ASKED_BY = {  # module with a way out: the services that ask for its words before they leave
    "blueprints/desk/case_exports.py": ["case_exports"],
    "blueprints/desk/identifications.py": ["identifications"],
    "blueprints/desk/notices.py": ["notice_drafting", "notice_approval"],
    "blueprints/desk/police.py": ["police_packages", "police"],
    "blueprints/desk/referrals.py": ["referral_packages"],
    "services/consultation_feedback.py": ["consultation_feedback"],
    "services/exchange_outbox.py": ["exchange"],
    "services/identifications.py": ["identifications"],
    "services/incident_letters.py": ["incident_letters"],
    "services/letter_templates.py": ["letter_templates"],
    "services/letter_writing.py": ["notice_drafting"],
    "services/messages.py": ["messages"],
    "services/notice_sending.py": ["notice_drafting", "notice_sending"],
    "services/police.py": ["police_packages", "police"],
    "services/public_texts.py": ["public_texts"],
    "services/referral_packages.py": ["referral_packages"],
    "services/referral_sending.py": ["referral_packages"],
    "templates/desk/consultations/minutes.html": ["consultation_records", "consultations"],
    "templates/desk/identifications/print.html": ["identifications"],
    "templates/desk/police/print.html": ["police_packages"],
    "templates/desk/referrals/print.html": ["referral_packages"],
}
NEEDS_NOT = {  # what holds no words that a person of the team typed, or does not leave the team
    "blueprints/desk/case_statistics.py": "counts",
    "blueprints/desk/consultations.py": "which consultations were held: references, days, counts",
    "blueprints/desk/intake.py": "results of a list, for the team: references and codes",
    "blueprints/desk/practice.py": "the evidence pack: references, days, states and counts; people by number",
    "blueprints/desk/room.py": "who was in the secure room, for the team",
    "blueprints/desk/statistics.py": "counts",
    "blueprints/desk/takedowns.py": "counts",
    "blueprints/desk/trail.py": "the audit trail, for auditors: codes and references; people by number",
    "blueprints/public/statistics.py": "counts",
    "rules/letters.py": "how a letter is put together that `notice_drafting` asked for",
    "rules/referral_letters.py": "how a package is put together that `referral_packages` asked for",
    "services/demo_talk.py": "invented",
    "services/duty_digests.py": "to staff themselves: duties and references",
    "services/exchange_arrivals.py": "takes what came out of the front store",
    "services/exchange_doors.py": "what partners send, and receipts of it",
    "services/exchange_partners.py": "keys and doors",
    "services/figure_publishing.py": "counts",
    "services/intake.py": "takes what came out of the front store",
    "services/mailing.py": "the mail itself: whoever gives it a letter asks",
    "services/message_copies.py": "copies that `messages` sealed",
    "services/receipts.py": "statuses; takes rows out of the front store",
    "services/replies.py": "takes what came out of the front store",
    "services/report_terms.py": "numbers of days",
    "templates/desk/case_retention/certificate.html": "counts and references; people by number",
    "templates/desk/security/room_print.html": "who was in the secure room, for the team",
    "templates/desk/victim_cases/print.html": "stays with the team; people by number",
    "vault.py": "the cryptography itself",
}


def ways_out() -> list[str]:
    """Return every module and paper by which words leave."""
    files = [*HOTLINE.rglob("*.py"), *HOTLINE.rglob("*.html")]
    found = [path for path in files if _leaves(path.read_text("utf-8"), path.suffix)]
    return sorted(path.relative_to(HOTLINE).as_posix() for path in found)


def _leaves(source: str, suffix: str) -> bool:
    return PAPER in source if suffix == ".html" else LEAVES.search(source) is not None


def test_every_way_out_is_known_here() -> None:
    assert ways_out() == sorted({**ASKED_BY, **NEEDS_NOT})


@pytest.mark.parametrize("name", sorted({service for services in ASKED_BY.values() for service in services}))
def test_whoever_answers_for_a_way_out_asks(name: str) -> None:
    assert ASKS.search((HOTLINE / "services" / f"{name}.py").read_text("utf-8"))


def test_the_table_of_the_threat_model_names_every_way_that_is_counted() -> None:
    told = (HOTLINE.parent / "docs" / "threat-model.md").read_text("utf-8")

    assert [way for way in _ways() if f"`{way}`" not in told] == []


def _ways() -> list[str]:
    vocabulary = (HOTLINE / "vocabulary.py").read_text("utf-8")
    _, _, rest = vocabulary.partition("class WayOut(StrEnum):")
    body, _, _ = rest.partition("\nclass ")
    return re.findall(r'= "(\w+)"', body)
