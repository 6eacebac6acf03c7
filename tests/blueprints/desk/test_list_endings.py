"""A file that is sent to the desk as a list has to be called one: the form tells its name to the service."""

import io

import pytest

from tests import page
from tests.blueprints.desk.desk_site import DeskSite

FIELDS = {"source": "police", "category": "csam", "origin": "Invented unit"}


@pytest.mark.parametrize(("name", "status"), [("list.csv", 303), ("list.docx", 422), ("../list.html", 422)])
def test_a_list_is_taken_by_its_ending(desk: DeskSite, name: str, status: int) -> None:
    rith = desk.sign_in("rith")
    rith.page("/desk/intake/lists")

    answer = rith.post("/desk/intake/lists/new", **FIELDS, file=(io.BytesIO(b"https://page.example/1\n"), name))

    assert answer.status_code == status
    if status == 422:
        shown = page.read_desk(answer)
        assert shown.errors == {
            "file": "This is not a text file. Save the sheet as CSV (UTF-8) and send that. No other files are taken."
        }
        assert name not in shown.text
