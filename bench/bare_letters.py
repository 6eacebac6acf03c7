"""The yardstick for letters: jobs that do nothing but mail one plain text each.

`BARE_SMTP_PORT` names the server on loopback.
"""

import os
import smtplib
from email.message import EmailMessage
from email.utils import make_msgid

PORT = int(os.environ.get("BARE_SMTP_PORT", "2525"))
BODY = "Please remove or disable access to the address below, which your network serves.\n\n" * 15

_kept: list[smtplib.SMTP] = []


def send_anew(number: int) -> None:
    """Mail one letter over a connection of its own."""
    with smtplib.SMTP("127.0.0.1", PORT) as server:
        server.send_message(_letter(number))


def send_kept(number: int) -> None:
    """Mail one letter over a connection that stays open for the next."""
    if not _kept:
        _kept.append(smtplib.SMTP("127.0.0.1", PORT))
    _kept[0].send_message(_letter(number))


def _letter(number: int) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "notices@hotline.example", f"abuse@host-{number}.example"
    letter["Subject"], letter["Message-ID"] = f"Notice {number}", make_msgid(domain="hotline.example")
    letter.set_content(BODY)
    letter.add_attachment(f"https://bench-{number}.example/gallery/{number}\n", filename="addresses.txt")
    return letter
