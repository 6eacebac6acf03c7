"""The directory of services for children and families: who helps with what, where, and how they are reached."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, i18n, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, numbers, service_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.models.service_provider import ServiceProvider
from hotline.rules import service_entries
from hotline.rules.service_entries import ServiceEntry
from hotline.services import service_providers
from hotline.transactions import commits
from hotline.vocabulary import KeyKind, Language, Need, Role

bp = Blueprint("service_providers", __name__, url_prefix="/victims/services")
READERS = service_providers.READERS
WRITERS = (Role.VICTIM_SUPPORT,)


@bp.get("")
@needs(*READERS)
def show_services() -> ResponseReturnValue:
    """Show the services by name. Filters in the address."""
    typed, place = request.args.get("need", ""), request.args.get("province", "")
    need, names = Need(typed) if typed in set(Need) else None, _provinces()
    chosen = place if place in names else ""
    return drawing.draw(
        "desk/service_providers/list.html",
        rows=service_providers.list_all(by=guards.current_staff(), need=need, province=chosen),
        need=need,
        province=chosen,
        **_said(),
    )


@bp.get("/new")
@needs(*WRITERS)
def new_service() -> ResponseReturnValue:
    """Ask for a new service."""
    return _form("desk/service_providers/new.html", request.form)


@bp.post("/new")
@needs(*WRITERS)
@redraws(new_service)
@commits
def add_service() -> ResponseReturnValue:
    """Add a service."""
    added = service_providers.enter(_typed(), by=guards.current_staff())
    flash(_("%(name)s is in the directory. Ask the service itself before the first referral.", name=added.name))
    return htmx.go(url_for(".show_service", ref=added.ref))


@bp.get("/<ref>")
@needs(*READERS)
def show_service(ref: str) -> ResponseReturnValue:
    """Show all that is known of one service; to be changed by victim support."""
    provider = service_providers.get(ref, by=guards.current_staff())
    return _form(
        "desk/service_providers/page.html",
        request.form if "name" in request.form else _kept(provider),
        provider,
        sent=request.form,
        key_kinds=tuple(KeyKind),
        overtaken=guards.overtaken(),
        may_change=guards.current_staff().has(*WRITERS),
        now=clock.now(),
    )


@bp.post("/<ref>")
@needs(*WRITERS)
@redraws(show_service)
@shows_newer(show_service)
@commits
def change_service(ref: str) -> ResponseReturnValue:
    """Change an entry. Who is reached otherwise has to be verified anew."""
    person = guards.current_staff()
    version = request.form.get("version", 0, type=numbers.read)
    changed = service_providers.change(service_providers.get(ref, by=person), _typed(), version=version, by=person)
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return htmx.go(url_for(".show_service", ref=ref))


@bp.post("/<ref>/verify")
@needs(*WRITERS)
@commits
def verify_service(ref: str) -> ResponseReturnValue:
    """Note that somebody asked the service today."""
    person = guards.current_staff()
    service_providers.verify(service_providers.get(ref, by=person), by=person)
    flash(_("Verified today. After half a year the portal asks again."))
    return htmx.go(url_for(".show_service", ref=ref))


@bp.post("/<ref>/off")
@needs(*WRITERS)
@commits
def switch_service_off(ref: str) -> ResponseReturnValue:
    """Let a service get no more referrals."""
    person = guards.current_staff()
    service_providers.switch(service_providers.get(ref, by=person), on=False, by=person)
    flash(_("It gets no more referrals. Those it has stay as they are."))
    return htmx.go(url_for(".show_service", ref=ref))


@bp.post("/<ref>/on")
@needs(*WRITERS)
@commits
def switch_service_on(ref: str) -> ResponseReturnValue:
    """Let a service get referrals again."""
    person = guards.current_staff()
    service_providers.switch(service_providers.get(ref, by=person), on=True, by=person)
    flash(_("It may get referrals again."))
    return htmx.go(url_for(".show_service", ref=ref))


@bp.post("/<ref>/key")
@needs(*WRITERS)
@redraws(show_service)
@commits
def put_key(ref: str) -> ResponseReturnValue:
    """Encrypt packages for a service to a key from now on."""
    person = guards.current_staff()
    provider = service_providers.get(ref, by=person)
    service_providers.put_key(provider, request.form.get("key_kind", ""), request.form.get("material", ""), by=person)
    flash(_("Packages are encrypted to this key from now on. Compare its fingerprint with the service by telephone."))
    return htmx.go(url_for(".show_service", ref=ref))


@bp.post("/<ref>/key/away")
@needs(*WRITERS)
@commits
def take_key(ref: str) -> ResponseReturnValue:
    """Encrypt nothing to a service's key any more."""
    person = guards.current_staff()
    service_providers.take_key(service_providers.get(ref, by=person), by=person)
    flash(_("The key is gone. This service gets printed packages until it has another."))
    return htmx.go(url_for(".show_service", ref=ref))


def _form(template: str, typed: Any, provider: ServiceProvider | None = None, **more: Any) -> str:
    return drawing.draw(template, provider=provider, typed=typed, chosen_needs=_many(typed, "needs"), **more, **_said())


def _said() -> dict[str, Any]:
    """Return the words that every page of the directory needs."""
    return {
        "needs": tuple(Need),
        "provinces": _provinces(),
        "languages": tuple(Language),
        "say": service_words.say,
        "name_of": service_words.name,
        "doubt_of": service_words.doubt,
        "provinces_of": service_words.provinces,
        "ages_of": service_words.ages,
        "is_stale": lambda one: service_entries.is_stale(one.verified_on, jurisdiction.today()),
        "many": _many,
    }


def _provinces() -> dict[str, str]:
    return {code: names[i18n.chosen()] for code, names in jurisdiction.current().provinces.items()}


def _many(typed: Any, field: str) -> list[str]:
    """Return every value of a field that was typed or is kept."""
    return list(typed.getlist(field)) if hasattr(typed, "getlist") else list(typed.get(field, ()))


def _kept(provider: ServiceProvider) -> dict[str, Any]:
    kept = {name: getattr(provider, name) for name in service_providers.LINES}
    return {
        **{name: "" if value is None else str(value) for name, value in kept.items()},
        "needs": [str(one) for one in provider.needs],
        "provinces": list(service_providers.provinces_of(provider)),
    }


def _typed() -> ServiceEntry:
    form = request.form
    entry = service_entries.judge(
        needs=form.getlist("needs"),
        provinces=form.getlist("provinces"),
        known=tuple(jurisdiction.current().provinces),
        **{name: form.get(name, "") for name in service_providers.LINES},
    )
    if not isinstance(entry, ServiceEntry):
        raise Refused(*entry)
    return entry
