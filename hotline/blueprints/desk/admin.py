"""Accounts: who works at the desk, in which roles. Nothing here opens a report or an address."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.staff import Staff
from hotline.rules import passwords
from hotline.services import staff, staff_reach
from hotline.transactions import commits
from hotline.vocabulary import Language, Role

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
@needs(Role.ADMIN)
def show_accounts(number: str = "") -> ResponseReturnValue:
    """Show every account. `number` is whose could not be closed, when the page is drawn again."""
    return drawing.draw(
        "desk/admin/list.html", people=staff.list_staff(), reached=staff_reach.filled(), say=_say, number=number
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
        say=_say,
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
    if ownerless:
        flash(
            ngettext(
                "%(num)s duty of the code of practice has no owner now. A manager or the liaison gives it away.",
                "%(num)s duties of the code of practice have no owner now. A manager or the liaison gives them away.",
                ownerless,
            ),
            "due",
        )
    return htmx.go(url_for(".show_accounts"))


@bp.post("/<number>/reopen")
@needs(Role.ADMIN)
@commits
def reopen_account(number: str) -> ResponseReturnValue:
    """Open a closed account again with a new password, shown this once."""
    person, password = staff.get(number), passwords.draw()
    staff.reopen(person, password, by=guards.current_staff())
    return _show_once(person, password)


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


def _say(field: str, code: str) -> str:
    return {
        ("name", "length"): _("Write a name of 2 to 60 characters."),
        ("name", "taken"): _("There is an account of this name already, open or closed. Take another name."),
        ("roles", "required"): _("Choose at least one role."),
        ("roles", "unknown"): _("Choose among the roles shown here."),
        ("roles", "analyst_and_victim_support"): _(
            "Who sees reported addresses must not see victims’ files: "
            "choose analyst or reviewer, or victim support, not both."
        ),
        ("roles", "admin_and_cases"): _(
            "An admin sees no case: choose admin alone, or with liaison, manager or auditor."
        ),
        ("roles", "counsellor_and_others"): _(
            "A counsellor is somebody people can talk to: not analyst or reviewer, not manager, not admin."
        ),
        ("language", "required"): _("Choose a language."),
        ("password", "holds_name"): _("The name is part of the password that was drawn. Send the form once more."),
        ("close", "yourself"): _("You cannot close your own account. Ask another admin."),
        ("close", "last_admin"): _("This is the last open account of an admin. Open another one first."),
    }[field, code]
