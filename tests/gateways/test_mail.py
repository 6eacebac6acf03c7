"""Both mailers keep the same promises: a letter is taken whole, or the caller learns whether to try again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotline import vault
from hotline.gateways import mail
from hotline.gateways.mail import Handed, Mailer, MailFault
from hotline.vault import Keyring, Lock
from tests.gateways.mail_server import MailServer, listening

SENDER = "notices@hotline.example"
MAILBOX = "abuse@hosting.example"
NOT_ONE_PLAIN_MAILBOX = (
    "",
    "abuse",
    "@hosting.example",
    "abuse@",
    "abuse@hosting.example,second@other.example",
    "abuse@hosting.example second@other.example",
    "abuse@hosting.example>\r\nRCPT TO:<second@other.example",
    "abuse@hosting.example\r\nBcc: second@other.example",
    "abuse@hosting.example\n",
    "Abuse <abuse@hosting.example>",
    "<abuse@hosting.example>",
    '"abuse\r\n"@hosting.example',
    "abuse@hosting.example\0",
    "ទទួល@hosting.example",
    "abuse@ក្រុម.example",
    "abuse@hosting.example NOTIFY=SUCCESS",
)


@dataclass
class Post:
    """A mailer, how to see what arrived, and how to break and mend the way there."""

    mailer: Mailer
    arrived: Callable[[], list[bytes]]
    cut: Callable[[], None]
    mend: Callable[[], None]

    def send(self, number: int = 1, *, mailbox: str = MAILBOX) -> bytes:
        """Send the letter of that number; return it."""
        wire = letter(number)
        self.mailer.send(SENDER, mailbox, message_id(number), wire)
        return wire


def message_id(number: int) -> str:
    return f"<n-{number}.0123456789abcdef@hotline.example>"


def letter(number: int) -> bytes:
    head = f"From: {SENDER}\r\nTo: {MAILBOX}\r\nMessage-ID: {message_id(number)}\r\nSubject: No. {number}\r\n\r\n"
    return head.encode() + b"A line.\r\n.\r\n..two dots, and a line of one\r\n"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    keys = tmp_path_factory.mktemp("keys")
    vault.create_keys(keys)
    return vault.load(keys, private=[Lock.CASE], public_secrets=False, blinds=False)


def by_smtp(server: MailServer) -> Post:
    mailer = mail.make_mailer(f"smtp://127.0.0.1:{server.port}", letters=Path("/nowhere"), keyring=Keyring())
    return Post(mailer, lambda: [taken.content for taken in server.letters], server.stop, server.start)


def kept(folder: Path, ring: Keyring) -> Post:
    def cut() -> None:
        folder.rename(folder.with_name("elsewhere"))
        folder.write_text("in the way")

    def mend() -> None:
        folder.unlink()
        folder.with_name("elsewhere").rename(folder)

    mailer = mail.make_mailer("", letters=folder, keyring=ring)
    return Post(mailer, lambda: [each.encode() for each in mail.kept_letters(folder, ring).values()], cut, mend)


@pytest.fixture(params=["smtp", "kept"])
def post(request: pytest.FixtureRequest, tmp_path: Path, ring: Keyring) -> Iterator[Post]:
    if request.param == "kept":
        yield kept(tmp_path / "letters", ring)
        return
    with listening() as server:
        yield by_smtp(server)


def test_letters_arrive_byte_for_byte_in_the_order_they_were_sent(post: Post):
    sent = [post.send(number) for number in (1, 2, 3)]

    assert post.arrived() == sent


def test_a_mailer_says_whether_a_letter_has_gone(post: Post):
    kept_here = isinstance(post.mailer, mail.KeptMailer)

    assert post.mailer.send(SENDER, MAILBOX, message_id(1), letter(1)) is (Handed.KEPT if kept_here else Handed.ON)


def test_a_letter_sent_again_is_a_copy_under_the_same_message_id(post: Post):
    sent = post.send()
    post.send()

    assert set(post.arrived()) == {sent}


@pytest.mark.parametrize("mailbox", NOT_ONE_PLAIN_MAILBOX)
def test_anything_but_one_plain_mailbox_is_refused_for_good_and_nothing_leaves(post: Post, mailbox: str):
    with pytest.raises(MailFault, match=r"^mailbox$") as refused:
        post.send(mailbox=mailbox)

    assert refused.value.permanent
    assert post.arrived() == []


def test_a_way_that_is_cut_asks_for_another_try_and_carries_the_letter_once_it_is_mended(post: Post):
    first = post.send(1)
    post.cut()
    with pytest.raises(MailFault) as failed:
        post.send(2)
    post.mend()
    second = post.send(2)

    assert not failed.value.permanent
    assert post.arrived() == [first, second]


def test_a_fault_tells_a_code_and_neither_mailbox_nor_letter(post: Post):
    post.send()
    post.cut()

    with pytest.raises(MailFault) as failed:
        post.send()
    post.mend()

    assert str(failed.value) == failed.value.code
    assert failed.value.code in {"connect", "disk"}


def test_a_kept_letter_lies_there_sealed_and_for_its_owner_only(tmp_path: Path, ring: Keyring):
    post = kept(tmp_path / "letters", ring)

    post.send()

    [path] = (tmp_path / "letters").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    for clear in (b"hosting", b"A line", b"Subject"):
        assert clear not in path.read_bytes()


def test_a_half_written_letter_is_no_letter_and_is_written_anew(tmp_path: Path, ring: Keyring):
    post = kept(tmp_path / "letters", ring)
    post.send(1)
    (tmp_path / "letters" / "n-2.0123456789abcdef.new").write_bytes(b"half of it")

    assert len(post.arrived()) == 1
    second = post.send(2)

    assert post.arrived()[1] == second
    assert {path.suffix for path in (tmp_path / "letters").iterdir()} == {".sealed"}
