"""What the desk remembers of a browser: a random token in the cookie, everything else in the desk's database.

When the database cannot say who this is, the session is empty and bears the fault: the guard raises it where it can be
answered for, and nothing is stored, so the browser is who it was once the database is back.
"""

from typing import Any, cast

from flask import Flask, Request, Response, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import logout_user
from werkzeug.datastructures import CallbackDict

from hotline import security
from hotline.services import sessions

COOKIE = "desk"
BY_ITSELF = "X-By-Itself"  # what `desk.js` says of a part that looks again without anybody asking
STAFF = "_user_id"  # where Flask-Login keeps who is signed in


class BrowserSession(CallbackDict[str, Any], SessionMixin):
    """One browser's session. `token` is empty until it has been stored; with a `fault` it never will be."""

    def __init__(self, token: str, data: dict[str, Any], fault: Exception | None = None) -> None:
        super().__init__(data, _note_change)
        self.token = token
        self.fault = fault
        self.modified = False
        self.outdated: list[str] = []

    def renew(self) -> None:
        """Give the session a new token and forget the old one: who knew it before signing in knows nothing after."""
        if self.token:
            self.outdated.append(self.token)
        self.token, self.modified = "", True


class DeskSessions(SessionInterface):
    """Keeps sessions for the desk's own pages, and none for anything else."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession | None:
        """Find the browser's session by its cookie, or begin an empty one that is stored once something is in it."""
        if not security.is_desk(request.path):
            return None
        token = request.cookies.get(security.cookie_name(COOKIE), "")
        try:
            data = sessions.find(token, in_use=BY_ITSELF not in request.headers) if token else None
        except Exception as fault:  # no handler of ours stands around this place
            return BrowserSession("", {}, fault)
        return BrowserSession("", {}) if data is None else BrowserSession(token, data)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store what changed; tell the browser its token when that is new."""
        kept = cast(BrowserSession, session)
        if kept.fault:
            return
        try:
            _save(kept, response)
        except Exception as fault:
            kept.fault = fault  # what is answered instead is not stored either
            raise


def has_been_here() -> bool:
    """Whether the browser still carries the token of a session, over or not."""
    return security.cookie_name(COOKIE) in request.cookies


def renew() -> None:
    """Give the present browser a new token."""
    cast(BrowserSession, session).renew()


def fault() -> Exception | None:
    """Return why the database could not say who this is."""
    return cast(BrowserSession, session).fault


def give_up(fault: Exception) -> None:
    """Go on as nobody, and store nothing."""
    cast(BrowserSession, session).fault = fault
    logout_user()


def _save(kept: BrowserSession, response: Response) -> None:
    for token in kept.outdated:
        sessions.end(token)
    if not kept.modified:
        return
    if not kept:
        response.headers.add("Set-Cookie", security.cookie(COOKIE, "", max_age=0))
        return
    staff_id = int(kept[STAFF]) if kept.get(STAFF) else None
    if kept.token:
        sessions.keep(kept.token, dict(kept), staff_id=staff_id)
    else:
        token = sessions.begin(dict(kept), staff_id=staff_id)
        response.headers.add("Set-Cookie", security.cookie(COOKIE, token))


def _note_change(changed: CallbackDict[str, Any]) -> None:
    cast(BrowserSession, changed).modified = True
