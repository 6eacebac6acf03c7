"""The public forms as they arrive. Pages are drawn from templates; a form object checks what was sent, once."""

import hashlib
import unicodedata
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField

from hotline.blueprints.public import tokens
from hotline.vault import CODE_DIGITS


class PublicForm(FlaskForm):
    """A form without cookie or session, under a signed token. `nonce` is set once the token is found good."""

    nonce: str | None = None

    class Meta(FlaskForm.Meta):
        """How WTForms checks it."""

        csrf = True
        csrf_class = tokens.SignedTimedToken  # type: ignore[assignment]
        csrf_field_name = "csrf_token"

        def get_translations(self, form: Any) -> None:
            """Say nothing in WTForms' words: every message is ours."""
            return

    def nonce_for(self, *said: object) -> str:
        """Return the nonce of what is said: the same for a form sent again unchanged, a new one after any change.

        Going back, mending a word and sending once more must not be taken for what is already stored.
        """
        whole = "\0".join(str(one) for one in said)
        return hashlib.blake2b(whole.encode(), key=(self.nonce or "").encode(), digest_size=16).hexdigest()


class ReportForm(PublicForm):
    """A report, as far as a form has to check it: its token. What was answered is judged by the rules, not here."""


class HelpForm(PublicForm):
    """A request for help, as far as a form has to check it: its token."""


class ReplyForm(PublicForm):
    """An answer to one of our letters, as far as a form has to check it: its token."""


class CodeForm(PublicForm):
    """A receipt code, typed by somebody who comes back."""

    code = StringField()

    def digits(self) -> str | None:
        """Return the 16 digits that were meant, None if there are not 16. Reads ០-៩, spaces and zero-width marks."""
        found = digits_in(self.code.data or "")
        return found if found is not None and len(found) == CODE_DIGITS else None


def digits_in(typed: str) -> str | None:
    """Return the digits of what was typed, None when there are letters in it. Reads ០-៩, spaces, zero-width marks."""
    if any(sign.isalpha() for sign in typed):
        return None
    return "".join(str(unicodedata.decimal(sign)) for sign in typed if sign.isdecimal())
