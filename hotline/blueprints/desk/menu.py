"""The rail: where a person may go, in groups, with how much waits there."""

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from hotline.blueprints.guards import CASE_ROLES
from hotline.models.staff import Staff
from hotline.services import (
    appeals,
    case_closing,
    case_figures,
    case_links,
    case_lists,
    case_retention,
    consultations,
    disputes,
    duties,
    duty_lists,
    exchange,
    help_requests,
    identifications,
    imagery,
    incidents,
    inhope_notices,
    messages,
    needs_assessments,
    outside_decisions,
    overrides,
    police_have_it,
    proposals,
    protocols,
    publications,
    queue,
    referrals,
    report_terms,
    takedowns,
    trail,
)
from hotline.vocabulary import Role

AT_WORK = (
    Role.ANALYST,
    Role.REVIEWER,
    Role.VICTIM_SUPPORT,
    Role.COUNSELLOR,
)  # whoever keeps incidents begins at theirs


class Entry(NamedTuple):
    """One line of the rail. `waiting` is how much waits; None where nothing is counted."""

    label: str
    href: str
    is_here: bool
    waiting: int | None = None


class Place(NamedTuple):
    """Somewhere to go: for which roles, and the key of what waits there."""

    label: str
    href: str
    roles: tuple[Role, ...]
    key: str


class Group(NamedTuple):
    """Lines that belong together, under a name; the first group has none."""

    name: str
    entries: list[Entry]


def of(staff: Staff, path: str) -> list[Group]:
    """Return the lines for what this person's roles open, in their groups."""
    open_ = [(name, [one for one in places if staff.has(*one.roles)]) for name, places in _groups()]
    here = next((one.href for _name, places in open_[::-1] for one in places[::-1] if _is_at(path, one.href)), "")
    counts = _counts(staff)
    return [
        Group(name, [Entry(one.label, one.href, one.href == here, counts.get(one.key)) for one in places])
        for name, places in open_
        if places
    ]


def _counts(staff: Staff) -> dict[str, int]:
    counts: dict[str, int] = {}
    if staff.has(*CASE_ROLES):
        counts |= queue.counts(by=staff)
        counts["messages"] = messages.count_waiting(by=staff) + case_links.count_unread(by=staff)
        counts["reviews"] += disputes.count_for(by=staff)
    if not staff.has(Role.REVIEWER):
        counts.pop("notices", None)  # drafts wait for reviewers only
    if staff.has(Role.MANAGER) and (disputed := outside_decisions.count_waiting()):
        counts["outside"] = disputed
    if staff.has(*appeals.DECIDERS) and (objections := appeals.count_open()):
        counts["appeals"] = objections
    if staff.has(Role.REVIEWER) and (drafts := exchange.count_drafts()):
        counts["exchange"] = drafts
    if staff.has(*consultations.KEEPERS) and (to_record := consultations.count_to_record(by=staff)):
        counts["consultations"] = to_record
    counts |= _of_victims(staff)
    counts |= _of_practice(staff)
    if staff.has(*CASE_ROLES, Role.LIAISON) and (proposed := proposals.count_open()):
        counts["directory"] = proposed
    return counts


def _of_practice(staff: Staff) -> dict[str, int]:
    counts: dict[str, int] = {}
    if staff.has(*duties.KEEPERS) and (late := duty_lists.count_late(staff)):
        counts["duties"] = late
    if staff.has(*incidents.KEEPERS) and (to_tell := incidents.count_waiting()):
        counts["incidents"] = to_tell
    if staff.has(*duties.KEEPERS) and (unanswered := inhope_notices.count_waiting(by=staff)):
        counts["contact"] = unanswered
    if staff.has(*imagery.KEEPERS) and (to_come_down := publications.count_owned(by=staff)):
        counts["imagery"] = to_come_down
    if staff.has(*duties.READERS) and (to_read := protocols.count_mine(staff) + protocols.count_drafts(by=staff)):
        counts["security"] = to_read
    if asked := report_terms.count_waiting(by=staff):
        counts["terms"] = asked
    return counts


def _of_victims(staff: Staff) -> dict[str, int]:
    counts: dict[str, int] = {}
    if staff.has(*overrides.ROLES):
        unseen = overrides.count_waiting(by=staff) + police_have_it.count_open(by=staff)
        counts |= {"overrides": unseen} if unseen else {}
    if staff.has(*needs_assessments.APPROVERS) and (unapproved := needs_assessments.count_waiting(by=staff)):
        counts["approvals"] = unapproved
    if unanswered := case_closing.count_waiting(by=staff):
        counts["closures"] = unanswered
    if staff.has(Role.VICTIM_SUPPORT):
        counts["victims"] = help_requests.counts(by=staff).waiting
        counts["cases"] = case_lists.count_mine(by=staff)
        if handed := case_links.count_waiting(by=staff):
            counts["links"] = handed
        if late := identifications.count(identifications.Shown.LATE, by=staff):
            counts["identified"] = late
        if due := referrals.count(referrals.Shown.DUE, by=staff):
            counts["referrals"] = due
    return counts


def _is_at(path: str, href: str) -> bool:
    return path == href or (path.startswith(href) and href != url_for("desk.today.show_today"))


def _groups() -> tuple[tuple[str, tuple[Place, ...]], ...]:
    return (
        ("", _on_reports()),
        (pgettext("menu", "Victim support"), _on_victims()),
        (pgettext("menu", "Code of practice"), _on_practice()),
        (pgettext("menu", "Hotline"), _on_the_hotline()),
    )


def _on_reports() -> tuple[Place, ...]:
    return (
        Place(_("Today"), url_for("desk.today.show_today"), tuple(Role), ""),
        Place(_("Queue"), url_for("desk.queue.show_queue"), CASE_ROLES, "queue"),
        Place(_("Second looks"), url_for("desk.reviews.show_reviews"), (Role.REVIEWER,), "reviews"),
        Place(
            _("Outside decisions"),
            url_for("desk.outside_decisions.show_disputes"),
            (Role.MANAGER,),
            "outside",
        ),
        Place(_("Notices"), url_for("desk.notices.show_notices"), CASE_ROLES, "notices"),
        Place(_("Appeals"), url_for("desk.appeals.show_appeals"), appeals.ROLES, "appeals"),
        Place(_("What is stuck"), url_for("desk.stuck.show_stuck"), (*CASE_ROLES, Role.MANAGER), ""),
        Place(_("Police"), url_for("desk.police.show_reports"), CASE_ROLES, ""),
        Place(_("Holds"), url_for("desk.holds.show_holds"), (*CASE_ROLES, Role.MANAGER), ""),
        Place(_("Is it gone?"), url_for("desk.online.show_list"), CASE_ROLES, ""),
        Place(_("What letters say"), url_for("desk.letter_templates.show_letters"), (*CASE_ROLES, Role.MANAGER), ""),
        Place(_("Between hotlines"), url_for("desk.exchange.show_exchange"), (Role.REVIEWER, Role.LIAISON), "exchange"),
        Place(_("Messages"), url_for("desk.messages.show_waiting"), CASE_ROLES, "messages"),
        Place(_("Other ways in"), url_for("desk.intake.show_ways_in"), CASE_ROLES, ""),
        Place(_("Unread reports"), url_for("desk.reports.show_unread"), CASE_ROLES, "unread"),
    )


def _on_victims() -> tuple[Place, ...]:
    return (
        Place(_("Requests for help"), url_for("desk.victims.show_requests"), (Role.VICTIM_SUPPORT,), "victims"),
        Place(_("Cases"), url_for("desk.victim_cases.show_cases"), (Role.VICTIM_SUPPORT,), "cases"),
        Place(
            _("Who has which cases"),
            url_for("desk.case_access.show_workload"),
            (Role.VICTIM_SUPPORT, Role.MANAGER),
            "",
        ),
        Place(_("From the analysts"), url_for("desk.case_links.show_inbox"), (Role.VICTIM_SUPPORT,), "links"),
        Place(_("Told to the police"), url_for("desk.identifications.show_list"), (Role.VICTIM_SUPPORT,), "identified"),
        Place(_("Decisions without consent"), url_for("desk.overrides.show_decisions"), overrides.ROLES, "overrides"),
        Place(_("To approve"), url_for("desk.needs.show_approvals"), needs_assessments.APPROVERS, "approvals"),
        Place(
            _("Questions about needs"),
            url_for("desk.question_sets.show_questions"),
            (Role.VICTIM_SUPPORT, Role.MANAGER),
            "",
        ),
        Place(_("Referrals"), url_for("desk.referrals.show_referrals"), (Role.VICTIM_SUPPORT,), "referrals"),
        Place(_("Services"), url_for("desk.service_providers.show_services"), (Role.VICTIM_SUPPORT, Role.MANAGER), ""),
        Place(_("Cases to close"), url_for("desk.case_closing.show_closures"), (Role.MANAGER,), "closures"),
        Place(
            _("Keeping and erasing files"),
            url_for("desk.case_retention.show_retention"),
            case_retention.READERS,
            "",
        ),
        Place(
            _("Statistics of victim support"), url_for("desk.case_statistics.show_statistics"), case_figures.ROLES, ""
        ),
    )


def _on_practice() -> tuple[Place, ...]:
    return (
        Place(_("Code of practice"), url_for("desk.practice.show_clauses"), duties.READERS, ""),
        Place(_("Incidents"), url_for("desk.incidents.show_incidents"), incidents.READERS, "incidents"),
        Place(_("Record an incident"), url_for("desk.incidents.new_incident"), AT_WORK, ""),
        Place(_("Duties of the code of practice"), url_for("desk.duties.show_duties"), duties.READERS, "duties"),
        Place(_("Security protocol"), url_for("desk.protocols.show_security"), duties.READERS, "security"),
        Place(_("How long reports are kept"), url_for("desk.retention.show_terms"), report_terms.READERS, "terms"),
        Place(
            _("Point of contact for INHOPE"),
            url_for("desk.contact_point.show_contact"),
            duties.READERS,
            "contact",
        ),
        Place(_("Event pictures and consent"), url_for("desk.imagery.show_events"), imagery.READERS, "imagery"),
        Place(
            _("Consultations"),
            url_for("desk.consultations.show_consultations"),
            consultations.READERS,
            "consultations",
        ),
    )


def _on_the_hotline() -> tuple[Place, ...]:
    return (
        Place(_("Limits and clocks"), url_for("desk.clocks.show_clocks"), tuple({*Role} - {Role.COUNSELLOR}), ""),
        Place(_("Directory"), url_for("desk.directory.show_directory"), (*CASE_ROLES, Role.LIAISON), "directory"),
        Place(_("Hosts"), url_for("desk.hosts.show_rules"), CASE_ROLES, ""),
        Place(_("Criteria"), url_for("desk.criteria.show_criteria"), (*CASE_ROLES, Role.MANAGER), ""),
        Place(_("How far looks agree"), url_for("desk.quality.show_agreement"), (Role.REVIEWER, Role.MANAGER), ""),
        Place(_("Statistics"), url_for("desk.statistics.show_statistics"), takedowns.ROLES, ""),
        Place(_("Audit trail"), url_for("desk.trail.show_trail"), trail.READERS, ""),
        Place(_("Public texts"), url_for("desk.texts.show_texts"), (Role.MANAGER,), ""),
        Place(_("Care for staff"), url_for("desk.care.show_week"), (Role.COUNSELLOR,), ""),
        Place(_("Accounts"), url_for("desk.admin.show_accounts"), (Role.ADMIN,), ""),
        Place(_("Is all well?"), url_for("desk.checkup.show_health"), (Role.ADMIN, Role.MANAGER), ""),
    )
