"""Partner hotlines that use the interface: a door each, its keys, and a token that is shown once."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import vault
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, exchange_words
from hotline.blueprints.guards import needs, redraws
from hotline.config import settings
from hotline.models.exchange import ExchangePartner
from hotline.rules import exchange as rule
from hotline.services import exchange_partners
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("exchange_partners", __name__, url_prefix="/exchange-partners")


@bp.get("/new")
@needs(Role.LIAISON)
def new_partner() -> ResponseReturnValue:
    """Ask for a partner's keys, and show ours."""
    return drawing.draw(
        "desk/exchange/partner_new.html",
        typed=request.form,
        hotlines=[(one.ref, one.name) for one in exchange_partners.list_without_door()],
        say=exchange_words.say,
        **_ours(),
    )


@bp.post("/new")
@needs(Role.LIAISON)
@redraws(new_partner)
@commits
def set_up_partner() -> ResponseReturnValue:
    """Open a door, and show its token this once."""
    typed = request.form
    partner, token = exchange_partners.set_up(
        *(typed.get(name, "") for name in ("partner", "verify_key", "box_key")), by=guards.current_staff()
    )
    return _show_once(partner, token)


@bp.get("/<ref>")
@needs(Role.LIAISON)
def show_partner(ref: str) -> ResponseReturnValue:
    """Show a partner's door and keys."""
    partner = exchange_partners.get(ref)
    return drawing.draw(
        "desk/exchange/partner.html",
        partner=partner,
        fingerprints=exchange_partners.fingerprint(partner),
        typed=request.form,
        say=exchange_words.say,
        **_ours(),
    )


@bp.post("/<ref>/token")
@needs(Role.LIAISON)
@commits
def draw_token(ref: str) -> ResponseReturnValue:
    """Give a partner another token, shown this once; the one before opens nothing any more."""
    partner = exchange_partners.get(ref)
    return _show_once(partner, exchange_partners.draw_token(partner, by=guards.current_staff()))


@bp.post("/<ref>/keys")
@needs(Role.LIAISON)
@redraws(show_partner)
@commits
def change_keys(ref: str) -> ResponseReturnValue:
    """Take a partner's new keys."""
    typed = request.form
    exchange_partners.change_keys(
        exchange_partners.get(ref), typed.get("verify_key", ""), typed.get("box_key", ""), by=guards.current_staff()
    )
    flash(_("Saved. Offers to this partner wait until a reviewer, not you, has confirmed the keys."))
    return htmx.go(url_for(".show_partner", ref=ref))


@bp.post("/<ref>/confirm")
@needs(Role.REVIEWER)
@commits
def confirm_keys(ref: str) -> ResponseReturnValue:
    """Confirm a partner's keys: it has read its fingerprints out."""
    partner = exchange_partners.get(ref)
    exchange_partners.confirm_keys(partner, request.form.get("read_out", ""), by=guards.current_staff())
    flash(_("Confirmed. Offers to this partner go from now on."))
    return htmx.go(url_for("desk.exchange.show_exchange"))


@bp.post("/<ref>/revoke")
@needs(Role.LIAISON)
@commits
def revoke_partner(ref: str) -> ResponseReturnValue:
    """Shut a partner's door at once."""
    exchange_partners.revoke(exchange_partners.get(ref), by=guards.current_staff())
    flash(_("The door is shut. The token opens nothing any more."))
    return htmx.go(url_for(".show_partner", ref=ref))


def _show_once(partner: ExchangePartner, token: str) -> str:
    return drawing.draw(
        "desk/exchange/token.html",
        partner=partner,
        token=token,
        fingerprints=exchange_partners.fingerprint(partner),
        **_ours(),
    )


def _ours() -> dict[str, str]:
    """Return what a partner has to be told of us: where the interface is, and the key that we sign with."""
    key_id, half = vault.keyring().signs_with
    return {
        "interface": f"{settings().public_url}/exchange/v1/openapi.json",
        "our_key": half.hex(),
        "our_key_id": key_id,
        "our_fingerprint": rule.fingerprint(half),
    }
