"""The public forms as they arrive. Pages are drawn from templates; a form object checks what was sent, once."""

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


class ReportForm(PublicForm):
    """A report, as far as a form has to check it: its token. What was answered is judged by the rules, not here."""


class CodeForm(PublicForm):
    """A receipt code, typed by somebody who comes back."""

    code = StringField()

    def digits(self) -> str | None:
        """Return the 16 digits that were meant, None if there are not 16. Reads ០-៩, spaces and zero-width marks."""
        found = "".join(str(unicodedata.decimal(sign)) for sign in self.code.data or "" if sign.isdecimal())
        strange = any(sign.isalpha() for sign in self.code.data or "")
        return found if len(found) == CODE_DIGITS and not strange else None
