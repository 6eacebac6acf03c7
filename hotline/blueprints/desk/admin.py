"""Accounts: who works at the desk, in which roles. Nothing here opens a report or an address."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, staff_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.staff import Staff
from hotline.rules import passwords
from hotline.services import second_factor, staff, staff_reach
from hotline.transactions import commits
from hotline.vocabulary import Language, Role

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
@needs(Role.ADMIN)
def show_accounts(number: str = "") -> ResponseReturnValue:
    """Show every account. `number` is whose could not be changed, when the page is drawn again."""
    return drawing.draw(
        "desk/admin/list.html",
        people=staff.list_staff(),
        reached=staff_reach.filled(),
        with_factor=second_factor.holders(),
        rule=second_factor.rule(),
        say=staff_words.say,
        number=number,
    )


@bp.get("/new")
@needs(Role.ADMIN)
def new_account() -> ResponseReturnValue:
    """Ask for a new account."""
    return drawing.draw(
        "desk/admin/new.html",
        typed=request.form,
        chosen=request.form.getlist("roles"),
        roles=tuple(Role),
        duty=_duty,
        languages=tuple(Language),
        say=staff_words.say,
    )


@bp.post("/new")
@needs(Role.ADMIN)
@redraws(new_account)
@commits
def add_account() -> ResponseReturnValue:
    """Add a person, and show the first password this once."""
    roles, language, password = _roles(), request.form.get("language", ""), passwords.draw()
    if language not in set(Language):
        raise Refused(("language", "required"))
    name = request.form.get("name", "")
    added = staff.add(name, password, roles, language=Language(language), by=guards.current_staff())
    return _show_once(added, password)


@bp.get("/<number>/roles")
@needs(Role.ADMIN)
def show_roles(number: str) -> ResponseReturnValue:
    """Ask which roles an account is to have."""
    person = staff.get(number)
    chosen = request.form.getlist("roles") if request.method == "POST" else sorted(person.roles)
    return drawing.draw(
        "desk/admin/roles.html", person=person, chosen=chosen, roles=tuple(Role), duty=_duty, say=staff_words.say
    )


@bp.post("/<number>/roles")
@needs(Role.ADMIN)
@redraws(show_roles)
@commits
def change_roles(number: str) -> ResponseReturnValue:
    """Give an account other roles: its sessions end at once."""
    person = staff.get(number)
    ownerless = staff.change_roles(person, _roles(), by=guards.current_staff())
    flash(_("The roles of %(name)s are changed. They have to sign in again.", name=person.name))
    _say_ownerless(ownerless)
    return htmx.go(url_for(".show_accounts"))


@bp.post("/<number>/reset")
@needs(Role.ADMIN)
@commits
def reset_account(number: str) -> ResponseReturnValue:
    """Give a person a new password, and show it this once."""
    person, password = staff.get(number), passwords.draw()
    staff.reset_password(person, password, by=guards.current_staff())
    return _show_once(person, password)


@bp.post("/<number>/close")
@needs(Role.ADMIN)
@redraws(show_accounts)
@commits
def close_account(number: str) -> ResponseReturnValue:
    """Close an account: its sessions end at once."""
    person = staff.get(number)
    ownerless = staff.disable(person, by=guards.current_staff())
    flash(_("The account of %(name)s is closed. What was in their hands is free again.", name=person.name))
    _say_ownerless(ownerless)
    return htmx.go(url_for(".show_accounts"))


@bp.post("/<number>/reopen")
@needs(Role.ADMIN)
@commits
def reopen_account(number: str) -> ResponseReturnValue:
    """Open a closed account again with a new password, shown this once."""
    person, password = staff.get(number), passwords.draw()
    staff.reopen(person, password, by=guards.current_staff())
    return _show_once(person, password)


@bp.post("/<number>/factor")
@needs(Role.ADMIN)
@redraws(show_accounts)
@commits
def take_factor_away(number: str) -> ResponseReturnValue:
    """Take away the second factor of somebody who has lost their phone: they are told when they come in."""
    person = staff.get(number)
    second_factor.take_away(person, by=guards.current_staff())
    flash(_("%(name)s signs in with the password alone now, and is told that you did this.", name=person.name))
    return htmx.go(url_for(".show_accounts"))


@bp.post("/factor")
@needs(Role.ADMIN)
@redraws(show_accounts)
@commits
def require_factor() -> ResponseReturnValue:
    """Say whether everybody needs a second factor."""
    second_factor.require(request.form.get("required") == "yes", by=guards.current_staff())
    return htmx.go(url_for(".show_accounts", _anchor="factor"))


def _say_ownerless(count: int) -> None:
    """Say that duties have no owner now, where there are any."""
    if count:
        flash(
            ngettext(
                "%(num)s duty of the code of practice has no owner now. A manager or the liaison gives it away.",
                "%(num)s duties of the code of practice have no owner now. A manager or the liaison gives them away.",
                count,
            ),
            "due",
        )


def _show_once(person: Staff, password: str) -> str:
    """Draw the page with a password: it is stored nowhere in clear, so it cannot be shown again."""
    return drawing.draw("desk/admin/password.html", person=person, password=password)


def _roles() -> list[Role]:
    """Return the roles that were chosen. Raises Refused for a word nobody knows."""
    chosen = request.form.getlist("roles")
    if not set(chosen) <= set(Role):
        raise Refused(("roles", "unknown"))
    return [Role(one) for one in chosen]


def _duty(role: Role) -> str:
    """Say what a role opens."""
    return {
        Role.ANALYST: _("opens reports and addresses, gives first looks, drafts letters"),
        Role.REVIEWER: _("an analyst who also gives second looks and approves letters"),
        Role.VICTIM_SUPPORT: _("works with children and families; sees no address"),
        Role.LIAISON: _("keeps the directory and speaks with partners; sees no address"),
        Role.MANAGER: _("sees clocks and figures; alone sees no address"),
        Role.ADMIN: _("accounts and settings; sees no report"),
        Role.AUDITOR: _("reads the audit trail and figures"),
        Role.COUNSELLOR: _("sees how long people were with hard material, and nothing else"),
    }[role]
