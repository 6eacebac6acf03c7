"""The door for a phone's share menu: fills the report form in, and neither stores nor sends anything."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from hotline import i18n
from hotline.blueprints.public import limits, reading, report
from hotline.extensions import limiter
from hotline.rules import sharing

bp = Blueprint("share", __name__)

FIELDS = ("title", "text", "url")


@bp.get("/share")
def show_form() -> ResponseReturnValue:
    """Lead whoever opens the entry of the share menu by itself to the empty form."""
    return redirect(f"/{i18n.chosen()}/report")


@bp.post("/share")
@limiter.limit(limits.tries, key_func=limits.network, exempt_when=limits.spares_onion)
def fill_form() -> ResponseReturnValue:
    """Show the form with the addresses and words that another app shared."""
    fields = reading.sent().fields
    shared = sharing.split(**{name: fields.get(name, "") for name in FIELDS})
    return report.show_filled({"urls": shared.urls, "details": shared.details})
