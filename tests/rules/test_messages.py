"""What may be written in a message."""

import pytest

from hotline.rules.free_text import TextFault
from hotline.rules.messages import MAX_LENGTH, judge


@pytest.mark.parametrize(
    ("typed", "kept", "fault"),
    [
        ("  It was a group.\r\nIts name had 2 in it. ", "It was a group.\nIts name had 2 in it.", None),
        ("ក្រុម\u200bតេឡេក្រាម", "ក្រុម\u200bតេឡេក្រាម", None),
        ("ក" * MAX_LENGTH, "ក" * MAX_LENGTH, None),
        ("a\0b", "a\ufffdb", None),
        (" \n\t ", "", TextFault.MISSING),
        ("ក" * (MAX_LENGTH + 1), "ក" * (MAX_LENGTH + 1), TextFault.TOO_LONG),
        ("see data:image/png;base64,AAAA", "see data:image/png;base64,AAAA", TextFault.PICTURE),
    ],
)
def test_a_message_is_kept_as_typed_or_its_fault_named(typed: str, kept: str, fault: TextFault | None) -> None:
    assert judge(typed) == (kept, fault)
