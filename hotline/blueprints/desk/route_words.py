"""What is said of an address's way: where it is hosted, what to do and why, who gets nothing and why."""

from typing import Any

from flask_babel import gettext as _

from hotline.models.item import Item
from hotline.rules.follow_up import Above
from hotline.rules.routing import Caution, NotDone, Place, Whom, Why, WhyNot
from hotline.services import rises, routing
from hotline.services.rises import Rising, Turn


def card(item: Item) -> dict[str, Any]:
    """Return everything that `desk/items/_route.html` needs beside the item."""
    guide = routing.guide(item)
    risen = rises.of_item(item, guide) if guide else []
    is_their_turn = any(one.whom is Above.REGISTRAR for one in risen)
    not_done = guide.route.not_done if guide else ()
    return {
        "guide": guide,
        "risen": risen,
        "not_done": [one for one in not_done if not (is_their_turn and one.whom is Whom.REGISTRAR)],
        "route_place": place,
        "route_why": why,
        "route_not": why_not,
        "route_mind": mind,
        "route_risen": has_risen,
    }


def place(found: Place) -> str:
    """Say where an address is hosted."""
    return {
        Place.OWN_COUNTRY: _("It is hosted in this country: the police come first."),
        Place.INHOPE_COUNTRY: _("It is hosted in a country with a partner hotline."),
        Place.ELSEWHERE: _("It is hosted in a country without a partner hotline in the directory."),
        Place.BEHIND_PROXY: _("It stands behind a CDN, and who hosts it is not known."),
        Place.ONION: _("It is an onion service: where it is nobody can find out."),
        Place.UNKNOWN: _("Who hosts it is not known."),
    }[found]


def why(found: Why) -> str:
    """Say why a step is taken."""
    return {
        Why.CHILD_IN_DANGER: _("A child may be in danger. The police come first, wherever it is hosted."),
        Why.OWN_COUNTRY: _("It is hosted in this country. Nobody else hears of it before the police have it."),
        Why.AFTER_POLICE: _("It hosts the address, in this country. Only once the police have it."),
        Why.PARTNER_THERE: _("The hotline of that country tells its host and its police."),
        Why.BESIDE_PARTNER: _(
            "It hosts the address. The partner hotline comes first; write as well if nothing happens."
        ),
        Why.NO_PARTNER_THERE: _("No hotline of that country is in the directory, so the police pass it on."),
        Why.HOSTS_IT: _("It hosts the address, so it can take it down."),
        Why.ON_PLATFORM: _("The address is on its platform, and who runs a platform acts soonest."),
        Why.SETTLED: _("Your team has settled that it hosts this host."),
        Why.PROXY_FORWARDS: _("It stands before the host and cannot remove anything. It can say who the host is."),
        Why.SHORT_LINK: _("It runs the short link, not what the link leads to."),
        Why.ONION: _("Nobody can be written to. The police may find more."),
        Why.HOST_UNKNOWN: _("Who hosts it is not known. The police may find out."),
        Why.ONLY_HERE: _("It is illegal in this country only, so partner hotlines do not hear of it."),
    }[found]


def why_not(one: NotDone) -> str:
    """Say who gets nothing for now, and why."""
    return {
        (Whom.ANYBODY, WhyNot.NOT_AGREED): _("Nobody hears of it: two people do not agree now."),
        (Whom.ANYBODY, WhyNot.HELD): _("Nobody hears of it while the police hold lasts."),
        (Whom.ANYBODY, WhyNot.VERDICT): _("Nobody hears of it: what two people found opens no way."),
        (Whom.POLICE, WhyNot.VERDICT): _("Not the police: what two people found does not open this way."),
        (Whom.POLICE, WhyNot.PARTNER_TELLS): _("Not our police: the partner hotline tells those of its country."),
        (Whom.PARTNER, WhyNot.VERDICT): _("No partner hotline: what two people found does not open this way."),
        (Whom.PARTNER, WhyNot.OWN_COUNTRY): _("No partner hotline: this country’s is ours."),
        (Whom.PARTNER, WhyNot.NO_PARTNER_THERE): _("No partner hotline: none of that country is in the directory."),
        (Whom.PARTNER, WhyNot.COUNTRY_UNKNOWN): _("No partner hotline: the host’s country is not known."),
        (Whom.PARTNER, WhyNot.ONION): _("No partner hotline: an onion service is in no country that can be told."),
        (Whom.HOST, WhyNot.VERDICT): _("Not the host: what two people found does not open this way."),
        (Whom.HOST, WhyNot.ONION): _("Not the host: an onion service has none that can be found."),
        (Whom.HOST, WhyNot.HOST_UNKNOWN): _("Not the host: it is not known. Look it up again, or note it by hand."),
        (Whom.REGISTRAR, WhyNot.LATER): _("Not the registrar yet: only when nobody nearer acts."),
        (Whom.SITE_OWNER, WhyNot.MAY_WARN): _("Never the site’s owner: a letter may warn whoever put it there."),
    }[one.whom, one.why]


def has_risen(one: Rising) -> str:
    """Say how far it is with somebody above the host; the letter's number stands behind it."""
    return {
        (Above.UPSTREAM, Turn.NOW): _("Whoever connects its network may be written to now. What comes next:"),
        (Above.UPSTREAM, Turn.DRAFTED): _("To whoever connects its network a letter is written that has not gone yet:"),
        (Above.UPSTREAM, Turn.WRITTEN): _("Whoever connects its network was written to:"),
        (Above.REGISTRAR, Turn.NOW): _("The registrar may be written to now. What comes next:"),
        (Above.REGISTRAR, Turn.DRAFTED): _("To the registrar a letter is written that has not gone yet:"),
        (Above.REGISTRAR, Turn.WRITTEN): _("The registrar was written to:"),
    }[one.whom, one.turn]


def mind(caution: Caution) -> str:
    """Say what to keep in mind on the way."""
    return {
        Caution.NOT_OURS: _("Your team has settled that reports of this host belong elsewhere. See the rule first."),
        Caution.SHORT_LINK: _("What the short link leads to is an address of its own: report it as one, too."),
        Caution.PROXY: _("In the CDN’s form, always choose that the site’s owner is not told."),
        Caution.LOOK_UP: _("Look the host up again before you decide."),
    }[caution]
