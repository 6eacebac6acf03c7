"""A police report as plain text that an officer reads: beside the JSON for machines, in the file for the unit."""

from collections.abc import Iterator, Mapping

from flask_babel import force_locale, ngettext, pgettext
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints.desk import police_words, words
from hotline.models.police_report import PoliceReport
from hotline.rules import entries
from hotline.rules.hosting import PERSON
from hotline.rules.police import OUTSIDE, Evidence, Listed, Look, Package
from hotline.vocabulary import Language, Proxy

RULE = "-" * 60


def texts(report: PoliceReport, package: Package) -> Mapping[str, str]:
    """Return the report as text in each language, by the name of its file: that of the report itself first."""
    in_order = sorted(Language, key=lambda one: one is not report.language)
    return {f"report.{one}.txt": as_text(report, package, one) for one in in_order}


def as_text(report: PoliceReport, package: Package, language: Language) -> str:
    """Return an approved report as plain text, with its exact addresses, as it stands on paper."""
    with force_locale(language):
        lines = [*_head(report, package, language), *_body(package, language), *_foot(package, language)]
    return "\n".join(lines) + "\n"


def _head(report: PoliceReport, package: Package, language: Language) -> Iterator[str]:
    place = jurisdiction.current()
    yield f"{place.brand(language)}, {place.country_name(language)}"
    yield from ("", _("Report to the police"), "")
    yield _pair(_("Our reference"), package.reference)
    yield _pair(pgettext("letter", "To"), package.unit)
    yield _pair(_("Written"), f"{words.full_moment(report.drafted_at)}, {report.drafted_by.number}")
    if report.approved_at is not None and report.approved_by is not None:
        yield _pair(_("Approved"), f"{words.full_moment(report.approved_at)}, {report.approved_by.number}")
    yield _pair(_("Reach us"), f"{package.sender.phone}; {package.sender.mailbox}")
    if package.in_danger:
        yield from ("", _("A child may be in danger now."))
    yield from (
        "",
        _(
            "Confidential. This report names no reporter and no member of our staff. No picture or film is attached; "
            "we keep none."
        ),
    )


def _body(package: Package, language: Language) -> Iterator[str]:
    for heading, said in (
        (_("A person who was named as a possible abuser"), package.person_named),
        (_("What we add"), package.added),
    ):
        if said:
            yield from ("", heading, said)
    yield from ("", ngettext("%(num)s address", "%(num)s addresses", len(package.listed)))
    for number, one in enumerate(package.listed, start=1):
        yield from ("", RULE, *_listed(number, one, language))
    yield from ("", RULE)


def _listed(number: int, one: Listed, language: Language) -> Iterator[str]:
    say = police_words.of_paper()
    danger = f": {_('Child in danger')}" if one.child_in_danger else ""
    yield f"{number}. {one.reference}, {say['category'](one.category)}{danger}"
    yield from ("", one.address, "")
    yield _pair(_("Reported in the hour from"), say["when"](one.reported_in))
    yield _pair(_("INHOPE classification"), say["classification"](one.classification))
    yield _pair(_("National law"), say["law_verdict"](one.law))
    for look in one.looks:
        yield _pair(_who(look), say["when"](look.at))
    yield _pair(_("Agreed"), say["when"](one.decided_at))
    yield from _hosting(one.hosting, language) if one.hosting else (_pair(_("Hosting"), _("Not looked up")),)
    if one.links:
        yield _pair(_("Belongs to what our victim support tells you"), ", ".join(one.links))
    for other in one.told:
        how = f" ({say['how_told'](other.how)})" if other.how else ""
        at = f", {say['when'](other.at)}" if other.at else ""
        yield _pair(_("Told too"), f"{other.name}{how}{at}")


def _who(look: Look) -> str:
    if look.person == OUTSIDE:
        return _("Decided by an outside adviser, noted")
    return _("Found by %(number)s", number=look.person)


def _hosting(found: Evidence, language: Language) -> Iterator[str]:
    country = entries.countries(language).get(found.country, found.country)
    yield _pair(_("Network"), ", ".join(one for one in (found.network or _("Not found"), found.range, country) if one))
    if found.addresses:
        yield _pair(_("Machine addresses"), ", ".join(found.addresses))
    if found.registrar:
        yield _pair(_("Registrar"), found.registrar)
    if found.proxy not in {"", Proxy.NONE, Proxy.UNKNOWN}:
        yield _pair(_("Behind a CDN"), found.proxy)
    from_where = _("noted by a person") if found.source == PERSON else _("from DNS and RDAP")
    registry = f" ({found.registry})" if found.registry and found.source != PERSON else ""
    yield _pair(_("Looked up"), f"{police_words.of_paper()['when'](found.looked_at)}, {from_where}{registry}")


def _foot(package: Package, language: Language) -> Iterator[str]:
    law = package.law
    version = _("version %(version)s", version=law["version"])
    yield from (
        "",
        _("The law this was looked at by"),
        f"{law['title'][language]} ({version}). {law['doubt'][language]}",
    )
    yield from ("", _("What we ask"))
    asks = (
        _("Tell us that you have this report, with your case number."),
        _("Tell us if we should wait before the host is told."),
        _("Name our reference %(ref)s in every answer.", ref=package.reference),
    )
    yield from (f"{number}. {ask}" for number, ask in enumerate(asks, start=1))


def _pair(label: str, said: str) -> str:
    return f"{label}: {said}"
