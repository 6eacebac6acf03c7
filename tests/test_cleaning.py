"""Texts that staff write for public pages, freed of markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from hotline.cleaning import clean_text


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("Our line is closed on 9 November", "Our line is closed on 9 November"),
        ("ខ្សែទូរស័ព្ទរបស់យើង\u200bបិទនៅថ្ងៃទី៩", "ខ្សែទូរស័ព្ទរបស់យើង\u200bបិទនៅថ្ងៃទី៩"),
        ("<b>Closed</b> today", "Closed today"),
        ('<a href="https://page.example/">Here</a>', "Here"),
        ('<img src=x onerror="alert(1)">Closed', "Closed"),
        ("<script>alert(1)</script>Closed", "alert(1)Closed"),
        ("<!-- a remark -->Closed", "Closed"),
        ("<br/>Closed</p>", "Closed"),
        ("<scr<b>ipt>Closed", "ipt>Closed"),
        ("<<b>i>Closed", "Closed"),
    ],
)
def test_tags_go_and_words_stay(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned


@pytest.mark.parametrize(
    "typed", ["R&D", "Q & A", "1 < 2 and 3 > 2", "&amp;", "&lt;b&gt;", "&copy;", "&#60;b&#62;", "\"a\" 'b'"]
)
def test_what_is_no_tag_comes_back_as_it_was_typed(typed: str) -> None:
    assert clean_text(typed) == typed


def test_a_template_escapes_the_result_once() -> None:
    assert escape(clean_text("<i>Q & A</i>")) == "Q &amp; A"


def test_the_result_is_never_marked_safe() -> None:
    assert not isinstance(clean_text(Markup("<b>Closed</b> & safe?")), Markup)


@given(st.text(alphabet=st.sampled_from("<>&;/!-abi= \"'#")))
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    once = clean_text(typed)

    assert clean_text(once) == once
