"""What a receipt code finds, and that it never goes back."""

import pytest
from flask import Flask

from hotline import vault
from hotline.services import receipts
from hotline.vocabulary import ReportStatus
from tests.services import steps


def tag_of(code: str) -> bytes:
    return vault.receipt_of(vault.keyring().public, code).tag


def test_a_code_finds_its_report_and_another_finds_nothing(office: Flask) -> None:
    code = steps.report("https://a.example/x")
    steps.report("https://a.example/x", "another")

    assert receipts.find(code).status is ReportStatus.RECEIVED
    assert receipts.find("0000000000000000") is None


@pytest.mark.parametrize("late", list(ReportStatus))
def test_a_report_never_goes_back(office: Flask, late: ReportStatus) -> None:
    code, other = steps.report("https://a.example/x"), steps.report("https://a.example/x", "another")
    receipts.move_on({tag_of(code): ReportStatus.ACTION_TAKEN})

    receipts.move_on({tag_of(code): late})

    further = ReportStatus.CLOSED if late is ReportStatus.CLOSED else ReportStatus.ACTION_TAKEN
    assert receipts.find(code).status is further
    assert receipts.find(other).status is ReportStatus.RECEIVED
