"""Headers and cookies of every answer."""

import re
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, request

from hotline.config import settings
from hotline.vocabulary import Surface

COMMON = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PUBLIC_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src {opt_in}; manifest-src {opt_in}; "
    "style-src {style}; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPT_IN = re.compile(r"/[a-z]{2}/phone(/|$)")  # the only page that may put something on a phone, when asked to
HEALTH = {"/healthz", "/readyz"}
STATIC_LIVES = "private, max-age=31536000, immutable"  # their addresses carry their content's hash
FORWARDING = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded")
OURS = {"same-origin", "none"}  # what a browser says of a request from the same site, or from no page at all
HSTS = "max-age=63072000; includeSubDomains"


def install(app: Flask, *, public_style: str) -> None:
    """Put the headers on every answer of `app`. `public_style` is the policy source of the public style sheet."""
    public, opt_in = (
        COMMON | {"Content-Security-Policy": PUBLIC_POLICY.format(style=public_style, opt_in=source)}
        for source in ("'none'", "'self'")
    )
    desk = COMMON | {"Content-Security-Policy": DESK_POLICY}

    @app.after_request
    def _add(response: Response) -> Response:
        visitors = opt_in if OPT_IN.match(request.path) else public
        response.headers.extend((desk if is_desk(request.path) else visitors).items())
        if request.endpoint == "static":
            response.headers["Cache-Control"] = STATIC_LIVES
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response


def is_desk(path: str) -> bool:
    """Whether `path` belongs to the desk: everything does where only the desk is served, but for the health checks.

    Where only the public site is served nothing does, so that its own pages answer whoever looks for a desk there.
    """
    surface = current_app.extensions["hotline.surface"]
    if surface is Surface.PUBLIC or path in HEALTH:
        return False
    return surface is Surface.DESK or path.startswith(("/desk", "/static"))


def names_onion() -> bool:
    """Whether this request names the onion service as its host. Anybody may write that, from anywhere."""
    onion = settings().onion_url
    return bool(onion) and request.host.lower() == urlsplit(onion).netloc.lower()


def by_onion() -> bool:
    """Whether this request came by the onion service: it names it, and comes from this machine past every proxy.

    Tor hands its visitors on from here and writes no header of where they came from; a proxy always writes one.
    """
    return names_onion() and not is_forwarded() and _is_from_here()


def is_forwarded() -> bool:
    """Whether a proxy, or somebody who plays one, says where this request came from."""
    return any(name in request.headers for name in FORWARDING)


def _is_from_here() -> bool:
    """Whether the peer itself, before any header is believed, is this machine: its loopback, or a Unix socket."""
    peer = request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR") or ""
    return peer in {"", "::1"} or peer.removeprefix("::ffff:").startswith("127.")


def offer_onion(response: Response) -> None:
    """Tell Tor Browser that this page is to be had by the onion service too. What was asked for it is not passed on."""
    is_page = response.status_code == 200 and response.mimetype == "text/html"
    if is_page and request.method == "GET" and not names_onion():
        response.headers["Onion-Location"] = settings().onion_url + quote(request.path)


def is_foreign(*hosts: str) -> bool:
    """Tell whether the browser says that this request came from another site; `hosts` are ours beside the one asked.

    Browsers under `no-referrer`, Tor Browser and old phones send no origin or `null`; that is no reason to refuse.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said not in OURS
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in {request.host, *hosts}


def cookie_name(name: str) -> str:
    """Return the full name of a cookie: bound to this host where the site has TLS, plain on loopback."""
    return f"__Host-{name}" if _has_tls() else name


def cookie(name: str, value: str, *, max_age: int | None = None) -> str:
    """Return a Set-Cookie value. Without `max_age` (seconds) the cookie ends with the browser."""
    parts = [f"{cookie_name(name)}={value}", "Path=/", "HttpOnly", "SameSite=Strict"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if _has_tls():
        parts.append("Secure")
    return "; ".join(parts)


def _has_tls() -> bool:
    """Whether the site this process serves is reached by TLS. On loopback it is not, and Secure would lock it out."""
    desk = current_app.extensions["hotline.surface"] is Surface.DESK
    return (settings().desk_url if desk else settings().public_url).startswith("https://")
