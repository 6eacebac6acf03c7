"""The mailbox's door: how folders are written, and answers that are too long."""

import socket
import threading
import time
from pathlib import Path

import pytest

from hotline.gateways import imap
from hotline.gateways.imap import MailboxFault
from tests.gateways import imap_server
from tests.gateways.mail_server import make_certificate


@pytest.mark.parametrize(
    ("folder", "written"),
    [
        ("INBOX", "INBOX"),
        ("日本語", "&ZeVnLIqe-"),  # RFC 3501, 5.1.3
        ("台北/日本語", "&U,BTFw-/&ZeVnLIqe-"),
        ("a & b", "a &- b"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("😀", "&2D3eAA-"),
    ],
)
def test_a_folder_is_written_as_the_protocol_wants_it(folder: str, written: str) -> None:
    assert imap.utf7(folder) == written


@pytest.mark.parametrize("greeting", [b"", b"* OK [CAPABILITY IMAP4rev1] here\r\n"])
def test_a_server_that_drips_for_ever_is_cut_off(greeting: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes before the server would count as silent; only the whole takes too long."""
    monkeypatch.setattr(imap, "LONGEST", 0.6)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def drip() -> None:
            line, _ = door.accept()
            with line:
                try:
                    line.sendall(greeting)
                    while not ended.wait(0.05):
                        line.sendall(b"*")
                except OSError:
                    ended.set()

        server = threading.Thread(target=drip, daemon=True)
        server.start()
        begins = time.monotonic()
        with pytest.raises(MailboxFault) as fault, imap.opened(f"imap://a:b@127.0.0.1:{door.getsockname()[1]}/"):
            pass
        took = time.monotonic() - begins
        server.join(5)

    assert took < 5
    assert fault.value.code == "away"
    assert ended.is_set()


@pytest.mark.parametrize("name", ["localhost", "other.example"])
def test_a_mailbox_is_read_only_where_its_certificate_is_vouched_for_and_its_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = make_certificate(tmp_path, name)
    with imap_server.own_server(context) as (plain, held):
        url = plain.replace("imap://", "imaps://").replace("127.0.0.1", "localhost")
        with pytest.raises(MailboxFault) as unknown, imap.opened(url):
            pass
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        if name == "localhost":
            with imap.opened(url) as box:
                assert box.list_uids(5) == []
        else:
            with pytest.raises(MailboxFault), imap.opened(url):
                pass
            assert held.asked == []  # neither name nor password left

    assert unknown.value.code == "away"


def test_a_mailbox_that_was_left_has_nobody_waiting_to_cut_it() -> None:
    with imap_server.own_server() as (url, _box):
        for _ in range(3):
            with imap.opened(url) as box:
                assert box.list_uids(5) == []

        watches = [
            one for one in threading.enumerate() if isinstance(one, threading.Timer) and not one.finished.is_set()
        ]
    assert watches == []
