"""Addresses that machines ask for."""

from datetime import timedelta

from flask import Blueprint, Response

from hotline import jurisdiction
from hotline.clock import now
from hotline.config import settings

bp = Blueprint("wellknown", __name__)

SECURITY_TXT_LIVES = timedelta(days=180)
ROBOTS = """User-agent: *
Disallow: /km/report/receipt
Disallow: /en/report/receipt
Disallow: /reply/
Disallow: /exchange/
"""


@bp.get("/robots.txt")
def show_robots() -> Response:
    """Let search engines show our pages to those who look for them.

    What must not be found but may be linked to (a report's status) says so itself, by a meta element: a page that
    robots may not read can still stand in their lists.
    """
    return Response(ROBOTS, mimetype="text/plain")


@bp.get("/.well-known/security.txt")
def show_security_contact() -> Response:
    """Say whom to tell about a hole in this site (RFC 9116)."""
    expires = (now() + SECURITY_TXT_LIVES).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {jurisdiction.current().hotline_phone.tel_href}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, km",
    ]
    if settings().public_url.startswith("https://"):
        lines.append(f"Canonical: {settings().public_url}/.well-known/security.txt")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@bp.get("/favicon.ico")
def show_no_icon() -> Response:
    """Answer with nothing: no picture of this site stays in the list of pages a phone has visited."""
    return Response(status=204)
