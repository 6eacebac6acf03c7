"""What the pages of consultations, action points and feedback say: faults, the invitation, who came, names left out."""

import re
from collections.abc import Iterable, Mapping

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints.desk import stakeholder_words, words
from hotline.models.consultation import Consultation, ConsultationFeedback
from hotline.models.staff import Staff
from hotline.rules.consultations import MOST_OTHERS
from hotline.rules.stakeholders import LONGEST_LINE, LONGEST_NAME, LONGEST_RECORD, LONGEST_TEXT
from hotline.services import consultation_feedback, stakeholders
from hotline.services.consultations import Came
from hotline.vocabulary import Sector

RECORD = {"view", "decision", "minutes", "addition", "text"}
TEXTS = set(consultation_feedback.TEXTS)


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a consultation, an action point or feedback."""
    return {
        "length": _("Write a title: 2 to %(num)s characters.", num=LONGEST_NAME),
        "required": _required(field),
        "unknown": _("Choose from the list."),
        "far": _("That day is too far away. Look at the year again."),
        "ahead": _("That moment has not come yet."),
        "same": _("That is when it is planned already."),
        "past": _("Choose a day that has not passed."),
        "number": _("Write how many came as a whole number, at most %(num)s.", num=MOST_OTHERS),
        "too_long": _("That is too long: at most %(num)s characters fit.", num=_longest(field)),
        "picture": stakeholder_words.no_picture(),
        "address": stakeholder_words.no_address(),
        "no_minutes": _("Write minutes or a decision first: then the record can be closed."),
        "names_us": _("This text names one of us. Names of the team never leave it: take the name out."),
        "reach_of_us": _(
            "It holds a full name, a mailbox or a telephone number of one of us. "
            "Write their number instead, such as A-03."
        ),
        "same_person": _("You wrote it. Somebody else has to approve it."),
        "nothing": _("There is nothing new to publish: two people have to read a text first."),
    }[code]


def say_of_year(texts: Mapping[str, ConsultationFeedback], field: str, code: str) -> str:
    """Say what is wrong with a field, or with one of a year's texts, by the id it has on the page."""
    if field not in texts:
        return say(field, code)
    return _(
        "%(sector)s, text %(num)s: it names one of us by now. Take it back, and write it anew without the name.",
        sector=words.of(texts[field].sector),
        num=texts[field].id,
    )


def invitation(one: Consultation, by: Staff) -> str:
    """Return the invitation in its own language, ready to copy. Of us it bears a number only."""
    place = jurisdiction.current()
    with force_locale(str(one.language)):
        lines = [
            _("We invite you to a consultation: %(title)s", title=one.title),
            "",
            _("When: %(when)s", when=words.full_moment(one.starts_at)),
            _("How: %(way)s", way=words.of(one.way)),
        ]
        if one.place:
            lines.append(_("Where: %(place)s", place=one.place))
        if one.agenda:
            lines += ["", _("What we would like to talk about:"), one.agenda]
        lines += [
            "",
            _("Please bring no web addresses, pictures or names of children."),
            _("Please tell us whether you come: call us and ask for number %(number)s.", number=by.number),
            f"{place.brand(one.language)}, {place.hotline_phone.number}",
        ]
    return "\n".join(lines)


def who(came: Came) -> str:
    """Return who came from an organisation: names where the reader may know them, and how many more."""
    erased = ngettext("a person", "%(num)s people", came.erased) if came.erased else ""
    others = ngettext("%(num)s other", "%(num)s others", came.others) if came.others else ""
    return ", ".join(part for part in (*came.names, erased, others) if part)


def of_whom(came: Came) -> str:
    """Return how many came from an organisation, without a name: for paper that leaves the house."""
    name = stakeholder_words.name(came.organisation)
    return ngettext(
        "%(num)s person of %(organisation)s", "%(num)s people of %(organisation)s", came.count, organisation=name
    )


def without_names(text: str, people: Iterable[Staff]) -> str:
    """Return a text with our numbers in the places of our names."""
    for one in people:
        text = re.sub(rf"(?<!\w){re.escape(one.name)}(?!\w)", one.number, text, flags=re.IGNORECASE)
    return text


def marked(met: Iterable[Sector]) -> str:
    """Say which sectors' duty a consultation has met."""
    said = ", ".join(words.of(sector) for sector in met)
    if not said:
        return _("Noted. Every sector that came was met later already, so no clock begins anew.")
    return _("Noted. These sectors are consulted, and their time begins anew: %(sectors)s.", sectors=said)


def names_in(one: Consultation) -> str:
    """Return who was invited, in the language of the consultation."""
    return ", ".join(stakeholders.name_of(each, one.language) for each in one.invited)


def _longest(field: str) -> int:
    if field in RECORD:
        return LONGEST_RECORD
    if field in TEXTS:
        return consultation_feedback.LONGEST
    return {"title": LONGEST_NAME, "agenda": LONGEST_TEXT, "point": LONGEST_TEXT, "note": LONGEST_TEXT}.get(
        field, LONGEST_LINE
    )


def _required(field: str) -> str:
    if field in RECORD or field in TEXTS:
        return _("Write something first.")
    return {
        "starts_on": _("Say on which day and at what time."),
        "held_on": _("Say on which day and at what time it was held."),
        "way": _("Choose how it is held."),
        "language": _("Choose a language."),
        "invited": _("Choose at least one organisation."),
        "lead": _("Choose who of us leads it."),
        "present": _("Say who came: at least one person of one organisation."),
        "organisation": _("Choose an organisation that came."),
        "why": _("Write why."),
        "point": _("Write what has to be done."),
        "owner": _("Choose who does it."),
        "due_on": _("Say by which day."),
        "state": _("Choose whether it was done or dropped."),
        "note": _("Write why it is dropped."),
        "sector": _("Choose the sector."),
    }.get(field, _("Write something first."))
