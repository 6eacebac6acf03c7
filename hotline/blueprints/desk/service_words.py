"""What the pages of the directory of services say: faults, ages, provinces."""

from flask_babel import gettext as _

from hotline import i18n, jurisdiction
from hotline.blueprints.desk import directory_words
from hotline.models.service_provider import ServiceProvider
from hotline.rules.service_entries import LONGEST_DOUBT, LONGEST_LINE, LONGEST_NAME, OLDEST_AGE
from hotline.services import service_providers


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a service."""
    if field in {"key_kind", "material"}:
        return directory_words.say(field, code)
    return {
        "length": _("Write the name of the service: 2 to %(num)s characters.", num=LONGEST_NAME),
        "taken": _("A service of this name stands in the directory already."),
        "required": _("Choose at least one need that it helps with."),
        "unknown": _("Choose from the list."),
        "form": _("Write one e-mail address, such as intake@service.example, or leave it empty."),
        "number": _("Write an age in years, at most %(num)s, or leave it empty.", num=OLDEST_AGE),
        "order": _("The highest age is below the lowest. Change one of the two."),
        "too_long": _(
            "That is too long: at most %(num)s characters fit.", num=LONGEST_DOUBT if field == "doubt" else LONGEST_LINE
        ),
    }[code]


def name(provider: ServiceProvider) -> str:
    """Return a service's name in the reader's language, where it has one."""
    return service_providers.name_of(provider, i18n.chosen())


def doubt(provider: ServiceProvider) -> str:
    """Return what nobody has confirmed about a service."""
    return service_providers.doubt_of(provider, i18n.chosen())


def provinces(provider: ServiceProvider) -> str:
    """Return where a service works: its provinces, or that it works in all."""
    names = jurisdiction.current().provinces
    codes = service_providers.provinces_of(provider)
    return ", ".join(names[code][i18n.chosen()] for code in codes if code in names) or _("All provinces")


def ages(provider: ServiceProvider) -> str:
    """Return for which ages a service is."""
    youngest, oldest = provider.age_from, provider.age_to
    if youngest is None and oldest is None:
        return _("All ages")
    if oldest is None:
        return _("From %(youngest)s years", youngest=youngest)
    if youngest is None:
        return _("Up to %(oldest)s years", oldest=oldest)
    return _("%(youngest)s to %(oldest)s years", youngest=youngest, oldest=oldest)
