"""Letters with reports: who is believed, what is read, and what is never decoded."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import mailbox
from hotline.rules.mailbox import UnreadableLetterError

US = "mx.hotline.example"
FROM = "From: Reports <Reports@Partner.example>\n"


def header(text: str) -> mailbox.Header:
    return mailbox.read_header(f"{text}\n\n".encode(), our_server=US)


@pytest.mark.parametrize(
    "result",
    [
        "dmarc=pass (p=REJECT) header.from=partner.example",
        "spf=fail smtp.mailfrom=x.example; dmarc=pass header.from=partner.example",
        "dkim=pass header.d=partner.example header.s=one",
        'dkim=pass header.i="@partner.example"',
        "spf=pass smtp.mailfrom=bounce@partner.example",
        "spf=pass (x (y) z) smtp.mailfrom=b=1@partner.example; dmarc=pass action=none header.from=partner.example;r=x",
        'dkim=pass (2048-bit key) header.d = partner.example header.i=@partner.example header.b="aB/c=="',
        'spf=pass smtp.mailfrom="two words"@partner.example',
    ],
)
def test_a_sender_is_believed_when_our_server_confirms_the_domain(result: str) -> None:
    found = header(f"Authentication-Results: {US}; {result}\n{FROM}")

    assert (found.sender, found.confirmed, found.automatic) == ("reports@partner.example", True, False)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        f"Authentication-Results: {US}; none\n",
        f"Authentication-Results: {US}; dmarc=fail header.from=partner.example\n",
        f"Authentication-Results: {US}; dmarc=pass header.from=elsewhere.example\n",
        f"Authentication-Results: {US}; dkim=pass header.d=example\n",
        f"Authentication-Results: {US}; spf=pass smtp.mailfrom=x@notpartner.example\n",
        "Authentication-Results: mx.elsewhere.example; dmarc=pass header.from=partner.example\n",
        f"Authentication-Results: {US}.elsewhere.example; dmarc=pass header.from=partner.example\n",
        # what stands below our own server's line may be the sender's invention
        f"Authentication-Results: {US}; dmarc=fail header.from=partner.example\n"
        f"Authentication-Results: {US}; dmarc=pass header.from=partner.example\n",
        f"Authentication-Results: x (; {US}; dmarc=pass header.from=partner.example)\n",
        f"Authentication-Results: {US}; dmarc=fail header.from=partner.example; spf=pass "
        'smtp.mailfrom="x;dkim=pass/header.d=partner.example;"@evil.example\n',
        f'Authentication-Results: {US}; spf=pass smtp.mailfrom="x;dkim=pass header.d=partner.example;"@evil.example\n',
        f'Authentication-Results: {US}; dkim=fail header.i="a;dmarc=pass header.from=partner.example"\n',
        f'Authentication-Results: {US}; dkim=fail header.i="a\\";dmarc=pass header.from=partner.example;x"\n',
        f'Authentication-Results: {US}; spf=pass smtp.mailfrom="x@partner.example"@evil.example\n',
        f'Authentication-Results: {US}; spf=pass smtp.mailfrom="x@partner.example" @evil.example\n',
        f'Authentication-Results: {US}; spf=pass smtp.mailfrom="x@partner.example"(y)@evil.example\n',
        f"Authentication-Results: {US}; spf=pass (a smtp.mailfrom=partner.example) smtp.mailfrom=x@evil.example\n",
        f"Authentication-Results: {US}; spf=pass smtp.mailfrom=evil.example smtp.mailfrom=partner.example\n",
        f"Authentication-Results: {US}; spf=pass smtp.mailfrom=partner.example x;\n",
        # DMARC that fails outweighs what else may pass
        f"Authentication-Results: {US}; dkim=pass header.d=partner.example; dmarc=fail header.from=partner.example\n",
        # a line that cannot be taken apart may be our own, so what stands below it does not count
        f'Authentication-Results: {US}; dmarc=fail smtp.mailfrom="x\n'
        f"Authentication-Results: {US}; dmarc=pass header.from=partner.example\n",
        f"X: y\n (Authentication-Results: {US}; dmarc=pass header.from=partner.example)\n",
    ],
)
def test_a_sender_is_not_believed_otherwise(fields: str) -> None:
    assert not header(fields + FROM).confirmed


@pytest.mark.parametrize(
    "fields", ["", "From: \n", "From: a@x.example, b@y.example\n", FROM + FROM, "From: not an address\n"]
)
def test_a_letter_that_does_not_name_one_sender_is_nobodys(fields: str) -> None:
    found = header(f"Authentication-Results: {US}; dmarc=pass header.from=partner.example\n{fields}")

    assert not (found.sender and found.confirmed)


def test_text_with_markup_gives_its_words_and_where_its_links_lead() -> None:
    raw = (
        "Subject: =?utf-8?b?4Z6T?= two\nContent-Type: text/html; charset=utf-8\n\n"
        "<html><head><style>a{}</style></head><body><p>Look</p>"
        '<a class="x" href="https://a.example/?b=1&amp;c=2">here</a><script>https://no.example/</script></body></html>'
    )
    letter = mailbox.read_letter(raw.encode())

    assert "https://a.example/?b=1&c=2" in letter.text.split()
    assert "no.example" not in letter.text
    assert letter.subject == "ន two"


def test_plain_text_goes_before_markup_and_a_signature_is_left_out() -> None:
    raw = (
        "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nhttps://a.example/\n-- \n"
        "www.partner.example\n--x\nContent-Type: text/html\n\n<p>other</p>\n--x--\n"
    )

    assert mailbox.read_letter(raw.encode()).text == "https://a.example/"


def test_attachments_are_counted_whatever_they_call_themselves() -> None:
    parts = (
        "Content-Type: image/png\nContent-Disposition: inline\n\nx",
        'Content-Type: text/plain; name="list.txt"\n\nhttps://hidden.example/',
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nhttps://hidden.example/",
        f"Content-Type: message/rfc822\n\n{FROM}\nhttps://hidden.example/",
        "Content-Type: text/plain\n\nhttps://a.example/",
    )
    body = "".join(f"--x\n{part}\n" for part in parts)
    letter = mailbox.read_letter(f"Content-Type: multipart/mixed; boundary=x\n\n{body}--x--\n".encode())

    assert letter.attachments == 4
    assert "hidden" not in letter.text
    assert "https://a.example/" in letter.text


def test_a_letter_of_a_thousand_parts_is_not_read() -> None:
    body = "--x\nContent-Type: text/plain\n\na\n" * 1_000
    with pytest.raises(UnreadableLetterError):
        mailbox.read_letter(f"Content-Type: multipart/mixed; boundary=x\n\n{body}--x--\n".encode())


def test_a_picture_in_letters_is_taken_out() -> None:
    raw = "Content-Type: text/plain\n\nhttps://a.example/\n" + "iVBORw0KGgoAAAANSUhEUgAA" * 60 + "\n"

    assert "iVBOR" not in mailbox.read_letter(raw.encode()).text


@pytest.mark.parametrize("field", ["Content-Type: text/plain; charset*", "Content-Type: text/plain; x*0*=a''"])
def test_a_header_that_cannot_be_parsed_is_read_or_said_to_be_unreadable(field: str) -> None:
    with contextlib.suppress(UnreadableLetterError):
        header(f"{field}\n{FROM}")
    with contextlib.suppress(UnreadableLetterError):
        mailbox.read_letter(f"{field}\n\nhttps://a.example/".encode())


def test_parts_within_parts_without_end_are_unreadable() -> None:
    raw = "".join(f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(2_000))
    with pytest.raises(UnreadableLetterError):
        mailbox.read_letter(raw.encode())


@pytest.mark.parametrize(
    "piece", ["<a ", "<a href=", "<head>", "<style", "<!--", "<script><", "&lt;", "<a x='", "<p>x"]
)
def test_markup_of_any_shape_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    text = piece * (4 * mailbox.MAX_TEXT // len(piece) // 3)
    body = f"--x\nContent-Type: text/html\n\n{text}\n" * 3
    begins = time.process_time()

    mailbox.read_letter(f"Content-Type: multipart/mixed; boundary=x\n\n{body}--x--\n".encode())

    assert time.process_time() - begins < 4


def test_markup_that_is_far_too_long_is_not_taken_apart() -> None:
    body = "--x\nContent-Type: text/html\n\n<p>" + "x" * 2 * mailbox.MAX_TEXT + "\n"
    letter = mailbox.read_letter(f"Content-Type: multipart/mixed; boundary=x\n\n{body * 3}--x--\n".encode())

    assert len(letter.text) > mailbox.MAX_TEXT
    assert "<p>" in letter.text


def test_an_address_stays_where_a_tag_is_broken() -> None:
    raw = "Content-Type: text/html\n\n<!doctype html>x <b and https://a.example/1 <https://a.example/2> <!-- https://a.example/3"

    assert mailbox.read_letter(raw.encode()).text.split() == [
        *("x", "<b", "and", "https://a.example/1", "https://a.example/2", "https://a.example/3")
    ]


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(UnreadableLetterError):
        mailbox.read_header(raw, our_server=US)
    with contextlib.suppress(UnreadableLetterError):
        mailbox.read_letter(raw)


@given(st.text(alphabet="<>a href=\"'!-/scriptylehd&;()", max_size=400))
def test_any_markup_is_read(text: str) -> None:
    mailbox.read_letter(f"Content-Type: text/html; charset=utf-8\n\n{text}".encode())


@given(st.text(alphabet='()<>@,;:"=\\ .abc\t=?utf-8q', max_size=200))
def test_any_sender_is_read(text: str) -> None:
    with contextlib.suppress(UnreadableLetterError):
        header(f"Authentication-Results: {text}\nFrom: {text}\nSubject: {text}")


@pytest.mark.parametrize("name", ["From", "FROM", "Content-Type"])
@pytest.mark.parametrize("part", ["a ", "a,", '"a" ', "a.", "x=y; ", "a\r\n "])
def test_a_field_that_is_made_to_be_slow_is_not_taken_apart(name: str, part: str) -> None:
    raw = f"X: y\r\n{name}: {part * (60_000 // len(part))}\r\n\r\n".encode()
    began = time.process_time()

    with pytest.raises(UnreadableLetterError):
        mailbox.read_header(raw, our_server=US)

    assert time.process_time() - began < 0.5
