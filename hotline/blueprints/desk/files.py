"""What is sent to the desk: how long a form may be, and files, for the one form that takes them, never on the disk."""

from io import BytesIO
from typing import IO

from flask import Flask, Request, request

from hotline.rules.lists import MAX_FILE
from hotline.rules.submissions import MAX_BODY

TAKES_FILES = "desk.intake.take_list"
MAX_FORM = 512 * 1024  # bytes; a letter of Khmer takes nine on its way, and a child's file has several long texts


class InMemory(Request):
    """A request whose files stay in memory: the framework would write a larger one to the disk as it came."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()


def install(app: Flask) -> None:
    """Make `app` keep files in memory, and make room for long forms and lists. Stands before the guard reads a form.

    A text that is too long for its field has to arrive, so that it can be shown again with what is wrong with it.
    """
    app.request_class = InMemory
    app.before_request(_make_room)


def _make_room() -> None:
    if (request.endpoint or "").startswith("desk."):
        request.max_content_length = request.max_form_memory_size = MAX_FORM
    if request.endpoint == TAKES_FILES:
        request.max_content_length = MAX_FILE + MAX_BODY
        request.max_form_memory_size = 4 * MAX_BODY  # it counts a piece of the file with what is left of the last
