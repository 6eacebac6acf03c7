"""The evidence for each clause, said in sentences: what the records hold now, and what was found about it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import i18n
from hotline.blueprints.desk import incident_words, words
from hotline.models.practice import ClauseText
from hotline.rules.clauses import MOST_REASON, MOST_WORDS, Check, Facts
from hotline.services.clauses import Row
from hotline.vocabulary import Clause, ClauseState, Language, Sector


class Said(NamedTuple):
    """One sentence of evidence, the view where to read on (or nothing), and the tone of what was found (or none)."""

    words: str
    view: str = ""
    tone: str = ""
    ref: str | None = None  # of what the view shows, where it shows one of several


def evidence(row: Row) -> list[Said]:
    """Say what the records hold for a clause, and then what is wrong with it, the worst first."""
    return [*_EVIDENCE[row.clause](row.facts), *(_of_check(one, row.facts) for one in row.checks), *_of_clocks(row)]


def doubt(wording: ClauseText) -> str:
    """Say what is to clarify about a clause, or nothing; what came with the portal, in the reader's language."""
    if wording.doubt and wording.made_by_id is None:
        return _("The published clause stops in mid-sentence. Its full wording has to be asked from INHOPE.")
    return wording.doubt


def say(field: str, code: str) -> str:
    """Say what is wrong with the form of a clause, or of an evidence pack."""
    return {
        ("text_en", "required"): _("Write the clause in English."),
        ("text_km", "required"): _("Write the clause in Khmer."),
        ("text_en", "too_long"): _("Use at most %(num)s characters for the clause.", num=MOST_WORDS),
        ("text_km", "too_long"): _("Use at most %(num)s characters for the clause.", num=MOST_WORDS),
        ("doubt", "too_long"): _("Use at most %(num)s characters for what is to clarify.", num=MOST_REASON),
        ("text_en", "ours"): _ours(),
        ("text_km", "ours"): _ours(),
        ("doubt", "ours"): _ours(),
        ("reason", "required"): _("Say why the clause is worded anew."),
        ("reason", "too_long"): _("Use at most %(num)s characters for the reason.", num=MOST_REASON),
        ("since", "required"): _("Choose the first day of the period."),
        ("until", "required"): _("Choose the last day of the period."),
        ("until", "before"): _("The last day lies before the first."),
        ("until", "too_long"): _("Choose a period of at most three years."),
    }[field, code]


def _law(facts: Facts) -> Iterator[Said]:
    view = "desk.criteria.show_criteria"
    if facts["since"]:
        yield Said(
            _("Legal test version %(version)s, since %(day)s", version=facts["version"], day=words.day(facts["since"])),
            view,
        )
    else:
        yield Said(_("Legal test version %(version)s", version=facts["version"]), view)
    if facts["looked_at"]:
        yield Said(_("Checked on %(day)s", day=words.day(facts["looked_at"])))


def _cooperation(facts: Facts) -> Iterator[Said]:
    sent, received = words.capped(facts["sent"]), words.capped(facts["received"])
    yield Said(
        _("%(sent)s handed to partner hotlines, %(received)s received", sent=sent, received=received),
        "desk.exchange.show_exchange",
    )


def _contact(facts: Facts) -> Iterator[Said]:
    view = "desk.contact_point.show_contact"
    if facts["contact"] and facts["stand_in"]:
        yield Said(_("%(who)s, with %(other)s as stand-in", who=facts["contact"], other=facts["stand_in"]), view)
    elif facts["contact"]:
        yield Said(facts["contact"], view)
    if facts["tested_at"] and facts["test_worked"]:
        yield Said(_("Test answered on %(day)s", day=words.day(facts["tested_at"])))


def _protocol(facts: Facts) -> Iterator[Said]:
    for one in facts["documents"]:
        yield Said(
            _(
                "%(title)s, version %(version)s: read by %(read)s of %(asked)s",
                title=one.title_km if i18n.chosen() is Language.KM else one.title_en,
                version=one.number,
                read=one.read,
                asked=one.asked,
            ),
            "desk.protocols.show_document",
            ref=one.ref,
        )
    if facts["restored_at"]:
        yield Said(_("Backup restored on %(day)s", day=words.day(facts["restored_at"])))


def _room(facts: Facts) -> Iterator[Said]:
    view = "desk.room.show_register"
    if not facts["entries"]:
        yield Said(_("No entry this week"), view)
    elif facts["on_list"] == facts["entries"]:
        yield Said(
            ngettext(
                "%(num)s entry this week, on the list", "%(num)s entries this week, all on the list", facts["entries"]
            ),
            view,
        )
    else:
        yield Said(
            _("%(listed)s of %(num)s entries this week on the list", listed=facts["on_list"], num=facts["entries"]),
            view,
        )
    if facts["reviewed_at"]:
        yield Said(_("Access reviewed on %(day)s", day=words.day(facts["reviewed_at"])))


def _exposure(facts: Facts) -> Iterator[Said]:
    yield Said(
        _(
            "%(num)s of %(others)s other accounts can open items",
            num=facts["others_open_items"],
            others=facts["others"],
        ),
        "desk.access_reviews.show_access",
    )
    yield Said(_("%(num)s of %(people)s people vetted", num=facts["vetted"], people=facts["people"]))


def _policy(facts: Facts) -> Iterator[Said]:
    if facts["looked_at"]:
        yield Said(_("Checked on %(day)s", day=words.day(facts["looked_at"])))


def _interruption(facts: Facts) -> Iterator[Said]:
    view = "desk.incidents.show_incidents"
    at, after = facts["last_interruption_at"], facts["last_interruption_told_after"]
    if at is None:
        yield Said(_("No serious interruption on record"), view)
    elif after is None:
        yield Said(_("Last on %(day)s, not told yet", day=words.day(at)), view)
    else:
        yield Said(
            _("Last on %(day)s, told after %(time)s", day=words.day(at), time=incident_words.duration(after)), view
        )


def _officer(facts: Facts) -> Iterator[Said]:
    view = "desk.incidents.show_incidents"
    if facts["open"]:
        yield Said(ngettext("%(num)s incident open", "%(num)s incidents open", facts["open"]), view)
    told = facts["dpo_in_time"] + facts["dpo_late"]
    if told and facts["dpo_longest"] is not None:
        yield Said(
            ngettext(
                "Told %(num)s time this year, after at most %(time)s",
                "Told %(num)s times this year, after at most %(time)s",
                told,
                time=incident_words.duration(facts["dpo_longest"]),
            ),
            view,
        )
    elif not told:
        yield Said(_("Nothing had to be told this year"), view)


def _imagery(facts: Facts) -> Iterator[Said]:
    yield Said(
        _("%(agreed)s of %(people)s people agreed", agreed=facts["agreed"], people=facts["people"]),
        "desk.imagery.show_events",
    )
    if facts["not_cleared"]:
        yield Said(
            ngettext(
                "%(num)s event not cleared to publish", "%(num)s events not cleared to publish", facts["not_cleared"]
            )
        )


def _confidentiality(facts: Facts) -> Iterator[Said]:
    yield Said(
        _("%(num)s texts checked in 90 days before they left", num=facts["checked"]),
        "desk.contact_point.show_checks",
    )
    yield Said(
        ngettext(
            "%(num)s held back, %(passed)s let go by a second person",
            "%(num)s held back, %(passed)s let go by a second person",
            facts["hits"],
            passed=facts["let_go"],
        )
    )


def _consultation(facts: Facts) -> Iterator[Said]:
    met = len(set(facts["in_time"]) - set(facts["never"]))
    yield Said(
        _("%(num)s of %(all)s sectors met in their time", num=met, all=len(Sector)),
        "desk.consultations.show_consultations",
    )
    if facts["last_held_at"]:
        yield Said(_("Last consultation on %(day)s", day=words.day(facts["last_held_at"])))


_EVIDENCE: dict[Clause, Callable[[Facts], Iterator[Said]]] = {
    Clause.LAW: _law,
    Clause.COOPERATION: _cooperation,
    Clause.CONTACT_POINT: _contact,
    Clause.SECURITY_PROTOCOL: _protocol,
    Clause.SECURE_ROOM: _room,
    Clause.EXPOSURE: _exposure,
    Clause.EXCHANGE_POLICY: _policy,
    Clause.INTERRUPTION: _interruption,
    Clause.OFFICER_TOLD: _officer,
    Clause.IMAGERY: _imagery,
    Clause.CONFIDENTIALITY: _confidentiality,
    Clause.CONSULTATION: _consultation,
}


def _of_check(check: Check, facts: Facts) -> Said:
    said = _SAID[check.code](facts)
    return Said(said.words, said.view, words.tone(check.state))


def _of_clocks(row: Row) -> Iterator[Said]:
    view = "desk.duties.show_duties"
    if row.clocks.late:
        late = ngettext("%(num)s duty is late", "%(num)s duties are late", row.clocks.late)
        yield Said(late, view, words.tone(ClauseState.MISSED))
    if row.clocks.paused:
        still = ngettext("%(num)s duty stands still", "%(num)s duties stand still", row.clocks.paused)
        yield Said(still, view, words.tone(ClauseState.DUE_SOON))
    if row.standing.owner is None or not row.standing.owner.active:
        yield Said(_("Nobody answers for this clause"), view, words.tone(ClauseState.NOBODYS))


_SAID: dict[str, Callable[[Any], Said]] = {
    "never_looked_at": lambda _facts: Said(_("Nobody has looked at the legal test yet")),
    "nobody_to_exchange_with": lambda _facts: Said(_("No report was exchanged yet"), "desk.exchange.show_exchange"),
    "no_contact": lambda _facts: Said(_("Nobody is named"), "desk.contact_point.show_contact"),
    "no_stand_in": lambda _facts: Said(_("Nobody stands in"), "desk.contact_point.show_contact"),
    "inhope_not_told": lambda _facts: Said(_("INHOPE was not told yet"), "desk.contact_point.show_contact"),
    "test_failed": lambda _facts: Said(_("The last test was not answered"), "desk.contact_point.show_contact"),
    "no_document": lambda _facts: Said(_("No document is in force"), "desk.protocols.show_security"),
    "read_too_late": lambda facts: Said(
        ngettext(
            "%(num)s person has not read it in time", "%(num)s people have not read it in time", facts["late_readers"]
        ),
        "desk.protocols.show_security",
    ),
    "restore_failed": lambda _facts: Said(_("The last backup could not be restored"), "desk.protocols.show_restoring"),
    "never_restored": lambda _facts: Said(_("No backup was restored as a test yet"), "desk.protocols.show_restoring"),
    "not_on_the_list": lambda facts: Said(
        ngettext(
            "%(num)s entry was not on the list",
            "%(num)s entries were not on the list",
            facts["entries"] - facts["on_list"],
        ),
        "desk.room.show_register",
    ),
    "left_open": lambda facts: Said(
        ngettext("%(num)s person was not noted leaving", "%(num)s people were not noted leaving", facts["left_open"]),
        "desk.room.show_register",
    ),
    "no_networks": lambda _facts: Said(_("No list of networks is noted yet")),
    "never_reviewed": lambda _facts: Said(_("Access was never reviewed"), "desk.access_reviews.show_access"),
    "others_open_items": lambda _facts: Said(
        _("Somebody can open items who should not"), "desk.access_reviews.show_access"
    ),
    "roles_clash": lambda facts: Said(
        ngettext(
            "%(num)s account has roles that must not meet",
            "%(num)s accounts have roles that must not meet",
            facts["clashes"],
        ),
        "desk.access_reviews.show_access",
    ),
    "vetting_expired": lambda facts: Said(
        ngettext("%(num)s vetting has run out", "%(num)s vettings have run out", facts["expired_vettings"]),
        "desk.trainings.show_people",
    ),
    "no_secretariat": lambda _facts: Said(
        _("How the secretariat is reached is not entered"), "desk.officials.show_officials"
    ),
    "intake_or_delivery_stands_still": lambda _facts: Said(
        _("Intake or delivery stands still"), "desk.incidents.show_incidents"
    ),
    "no_officer": lambda _facts: Said(_("How the officer is reached is not entered"), "desk.officials.show_officials"),
    "officer_told_late": lambda facts: _told_late(facts["told_late"]),
    "secretariat_told_late": lambda facts: _told_late(facts["told_late"]),
    "never_beaten": lambda _facts: Said(_("Intake or delivery has not gone round yet")),
    "partners_silent": lambda facts: Said(
        ngettext("%(num)s offer is not answered in time", "%(num)s offers are not answered in time", facts["silent"]),
        "desk.exchange.show_exchange",
    ),
    "never_tested": lambda _facts: Said(_("It was never tested"), "desk.contact_point.show_contact"),
    "not_vetted": lambda facts: Said(
        ngettext("%(num)s person is not vetted", "%(num)s people are not vetted", facts["people"] - facts["vetted"]),
        "desk.trainings.show_people",
    ),
    "sectors_never_met": lambda facts: Said(
        _("Never met: %(sectors)s", sectors=", ".join(str(words.of(one)) for one in facts["never"])),
        "desk.consultations.show_consultations",
    ),
    "to_tell": lambda _facts: Said(_("Somebody must still be told"), "desk.incidents.show_incidents"),
    "taken_down_too_late": lambda _facts: Said(
        _("A picture is still up that should be gone"), "desk.imagery.show_events"
    ),
    "to_take_down": lambda facts: Said(
        ngettext("%(num)s picture to take down", "%(num)s pictures to take down", facts["to_take_down"]),
        "desk.imagery.show_events",
    ),
    "nobody_entered": lambda _facts: Said(_("Nobody has entered the names and numbers to look for")),
    "some_not_entered": lambda facts: Said(
        ngettext(
            "%(num)s person has not entered the names and numbers to look for",
            "%(num)s people have not entered the names and numbers to look for",
            facts["people"] - facts["entered"],
        )
    ),
    "sectors_overdue": lambda facts: Said(
        _("Overdue: %(sectors)s", sectors=", ".join(str(words.of(one)) for one in facts["overdue"])),
        "desk.consultations.show_consultations",
    ),
    "agreements_expired": lambda facts: Said(
        ngettext("%(num)s agreement has run out", "%(num)s agreements have run out", facts["agreements_expired"])
    ),
    "points_overdue": lambda facts: Said(
        ngettext(
            "%(num)s action point is past its day", "%(num)s action points are past their day", facts["points_overdue"]
        )
    ),
}


def _told_late(times: int) -> Said:
    told = ngettext("Told too late %(num)s time this year", "Told too late %(num)s times this year", times)
    return Said(told, "desk.incidents.show_incidents")


def _ours() -> str:
    return _("A name, mailbox or number of one of us stands in it. Clauses are shown to reviewers: take it out.")
