"""Headers and cookies of every answer."""

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
    "default-src 'none'; style-src {style}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEALTH = {"/healthz", "/readyz"}
STATIC_LIVES = "private, max-age=31536000, immutable"  # their addresses carry their content's hash
HSTS = "max-age=63072000; includeSubDomains"


def install(app: Flask, *, public_style: str) -> None:
    """Put the headers on every answer of `app`. `public_style` is the policy source of the public style sheet."""
    public = COMMON | {"Content-Security-Policy": PUBLIC_POLICY.format(style=public_style)}
    desk = COMMON | {"Content-Security-Policy": DESK_POLICY}

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.extend((desk if is_desk(request.path) else public).items())
        if request.endpoint == "static":
            response.headers["Cache-Control"] = STATIC_LIVES
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response


def is_desk(path: str) -> bool:
    """Whether `path` belongs to the desk: everything does where only the desk is served, but for the health checks."""
    surface = current_app.extensions["hotline.surface"]
    return path not in HEALTH and (surface is Surface.DESK or path.startswith(("/desk", "/static")))


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
