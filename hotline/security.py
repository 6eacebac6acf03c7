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
HSTS = "max-age=63072000; includeSubDomains"


def install(app: Flask, *, public_style: str) -> None:
    """Put the headers on every answer of `app`. `public_style` is the policy source of the public style sheet."""
    public = COMMON | {"Content-Security-Policy": PUBLIC_POLICY.format(style=public_style)}
    desk = COMMON | {"Content-Security-Policy": DESK_POLICY}
    surface = app.extensions["hotline.surface"]

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.extend((desk if _on_desk(surface) else public).items())
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response


def _on_desk(surface: Surface) -> bool:
    return surface is Surface.DESK or request.path.startswith(("/desk", "/static"))


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
