"""Mail that answers notices: which notice, who wrote it, what it says, and that no bytes stop or slow the reading."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import mail_answers, mail_parts
from hotline.vocabulary import MailMark, ReplyKind

OURS = "n-7gq4m2.0123456789abcdef"
OTHER = "n-7gq4m3.0123456789abcdef"
MAIL, BOUNCE, AWAY = ReplyKind.MAIL, ReplyKind.BOUNCE, ReplyKind.OUT_OF_OFFICE


def mail(body: str = "We removed it.\n", **fields: str) -> bytes:
    """Return a mail with these fields, an answer to our letter unless they say otherwise."""
    head = {"From": "Abuse <abuse@host.example>", "Subject": "Re: A notice", "In-Reply-To": f"<{OURS}@hotline.example>"}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return ("\n".join(lines) + "\n\n" + body).replace("\n", "\r\n").encode()


def parts(*inside: str, kind: str = "multipart/mixed", more: str = "") -> dict[str, str]:
    """Return body and Content-Type of a mail of several parts, each with its own header."""
    body = "".join(f"--b-1\n{one}\n" for one in inside) + "--b-1--\n"
    return {"body": f"not shown\n{body}", "Content_Type": f'{kind}; boundary="b-1"{more}'}


def report(status: str, *, returned: str = f"Message-ID: <{OURS}@hotline.example>", **fields: str) -> bytes:
    """Return a delivery status notification about our letter."""
    made = parts(
        "Content-Type: text/plain\n\nSorry.",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{status}",
        f"Content-Type: text/rfc822-headers\n\n{returned}",
        kind="multipart/report",
        more="; report-type=delivery-status",
    )
    head = {"In_Reply_To": "", "From": "Mail Delivery System <MAILER-DAEMON@mx.example>", "Subject": "Undelivered Mail"}
    return mail(**{**head, **made, "Auto_Submitted": "auto-replied", **fields})


# --- Which notice


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({}, (OURS,)),
        ({"In_Reply_To": f"<{OURS.upper()}@HOTLINE.example>"}, (OURS,)),
        (
            {"In_Reply_To": "", "References": f"<a@b>\n <{OTHER}@hotline.example>\n\t<{OURS}@hotline.example>"},
            (OURS, OTHER),
        ),
        ({"References": f"<{OTHER}@hotline.example>"}, (OURS, OTHER)),
        ({"In_Reply_To": "", "References": ""}, ()),
        ({"In_Reply_To": f"<x{OURS}@hotline.example>"}, ()),
        ({"In_Reply_To": "<n-7gq4m2.0123456789abcde@hotline.example>"}, ()),
        ({"In_Reply_To": "<n-aeiou1.0123456789abcdef@hotline.example>"}, ()),
        (
            {"In_Reply_To": " ".join(f"<n-7gq4m2.{n:016x}@h.example>" for n in range(99))},
            tuple(f"n-7gq4m2.{n:016x}" for n in range(10)),
        ),
    ],
)
def test_a_letter_of_ours_is_known_again_by_its_message_id(fields: dict[str, str], ids: tuple[str, ...]) -> None:
    assert mail_answers.glance(mail(**fields).partition(b"\r\n\r\n")[0]).ids == ids
    assert mail_answers.read(mail(**fields)).ids == ids


@pytest.mark.parametrize(
    ("subject", "refs"),
    [
        ("Re: Notice N-7GQ4M2", ("N-7GQ4M2",)),
        ("[Ticket#1] n-7gq4m2: done", ("N-7GQ4M2",)),
        ("=?utf-8?b?UmU6IE5vdGljZSBOLTdHUTRNMg==?=", ("N-7GQ4M2",)),
        ("N-7GQ4M2 and N-7GQ4M3", ("N-7GQ4M2", "N-7GQ4M3")),
        ("Re: Reminder: please act on our notice N-7GQ4M2 [N-7GQ4M3]", ("N-7GQ4M3", "N-7GQ4M2")),
        ("PEN-7GQ4M2, N-7GQ4M22, N-7GQ4M2-1, N-AEIOU1", ()),
    ],
)
def test_a_reference_of_ours_is_found_in_the_subject(subject: str, refs: tuple[str, ...]) -> None:
    found = mail_answers.glance(mail(Subject=subject, In_Reply_To=""))

    assert (found.ids, found.refs, found.from_a_server) == ((), refs, False)


# --- Who wrote


@pytest.mark.parametrize(
    ("fields", "kind", "marks"),
    [
        ({}, MAIL, set()),
        ({"Auto_Submitted": "no"}, MAIL, set()),
        ({"Auto_Submitted": "auto-replied"}, AWAY, set()),
        ({"Auto_Submitted": "auto-replied (vacation)", "Return_Path": "<>"}, AWAY, set()),
        ({"X_Autoreply": "yes"}, AWAY, set()),
        ({"Precedence": "auto_reply"}, AWAY, set()),
        # as Exchange writes them
        (
            {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: N"},
            AWAY,
            set(),
        ),
        ({"Precedence": "bulk", "Subject": "Out of the office until Monday"}, AWAY, set()),
        # what a ticket system sends may be what a person typed there
        ({"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"}, MAIL, {MailMark.PROGRAM}),
        ({"Precedence": "bulk"}, MAIL, {MailMark.PROGRAM}),
        ({"X_Auto_Response_Suppress": "OOF"}, MAIL, {MailMark.PROGRAM}),
        # the postmaster of a small host is a person too
        ({"From": "postmaster@host.example"}, MAIL, set()),
        ({"Subject": "Failure to reach your form"}, MAIL, set()),
    ],
)
def test_people_ticket_systems_and_automatic_answers_are_told_apart(fields, kind, marks) -> None:
    found = mail_answers.read(mail(**fields))

    assert (found.kind, found.marks) == (kind, marks)


def test_reports_that_something_was_read_or_complained_about_answer_nothing() -> None:
    for told in ("disposition-notification", "feedback-report"):
        made = parts("Content-Type: text/plain\n\nRead.", kind="multipart/report", more=f"; report-type={told}")

        assert mail_answers.read(mail(**made)).kind is None


# --- What it says


def test_an_answer_says_who_wrote_it_about_what_and_then_its_text() -> None:
    found = mail_answers.read(
        mail("Gone since noon.\n\n> your words\n", From="=?utf-8?q?Abuse_=C3=A9?= <abuse@host.example>")
    )

    assert (
        found.words == "From: Abuse é <abuse@host.example>\nSubject: Re: A notice\n\nGone since noon.\n\n> your words"
    )


@pytest.mark.parametrize(
    ("kind", "code", "body", "said"),
    [
        ("text/plain; charset=utf-8", "quoted-printable", "We re=\nmoved =C3=A9.", "We removed é."),
        ("text/plain; charset=iso-8859-1", "quoted-printable", "=E9", "é"),
        ("text/plain; charset=utf-8", "base64", "V2UgcmVt\nb3ZlZCDDqS4=", "We removed é."),
        ("text/plain; charset=utf-8", "base64", "V2UgcmVtb3ZlZCDDqS4", "We removed é."),
        ("text/plain; charset=windows-1252", "8bit", "plain", "plain"),
        ("text/plain; charset=windows-9999", "8bit", "plain", "plain"),
        ("text/plain; charset=punycode", "8bit", "plain", "plain"),
        ("text/html", "7bit", "<style>x{}</style><p>We <b>removed</b> it.</p><p>Bye</p>", "We removed it.\nBye"),
        ("text/plain", "7bit", "a\x00b", "a\ufffdb"),
    ],
)
def test_text_is_read_as_it_travelled(kind: str, code: str, body: str, said: str) -> None:
    found = mail_answers.read(mail(body, Content_Type=kind, Content_Transfer_Encoding=code))

    assert found.words.partition("\n\n")[2] == said


def test_of_two_versions_of_a_text_the_plain_one_is_read_and_attachments_never() -> None:
    made = parts(
        'Content-Type: multipart/alternative; boundary="c"\n\n'
        "--c\n\nplain\n--c\nContent-Type: text/html\n\n<p>marked\n--c--",
        'Content-Type: image/png; name="a.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=',
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=b.txt\n\nnever read",
        f"Content-Type: message/rfc822\n\nMessage-ID: <{OTHER}@x>\n\nnever read",
    )

    found = mail_answers.read(mail(**made))

    assert found.words.partition("\n\n")[2] == "plain"
    assert (found.ids, found.marks) == ((OURS,), {MailMark.ATTACHED})


def test_a_picture_pasted_as_letters_is_not_kept() -> None:
    found = mail_answers.read(mail("Here:\n" + "iVBORw0KGgoAAAANSUhEUg" * 100 + "\nBye\n"))

    assert found.words.partition("\n\n")[2] == "Here:\nBye"


@pytest.mark.parametrize(
    "made",
    [
        {"body": "MIIB", "Content_Type": 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'},
        parts(
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            'Content-Type: application/octet-stream; name="encrypted.asc"\n\n-----BEGIN PGP MESSAGE-----\nx',
            kind="multipart/encrypted",
        ),
        {"body": "-----BEGIN PGP MESSAGE-----\nhQEMA\n-----END PGP MESSAGE-----\n"},
    ],
)
def test_what_is_encrypted_is_said_to_be_and_none_of_it_is_kept(made: dict[str, str]) -> None:
    found = mail_answers.read(mail(**made))

    assert found.kind is MAIL
    assert found.marks == {MailMark.ENCRYPTED}
    assert found.words == "From: Abuse <abuse@host.example>\nSubject: Re: A notice"


def test_a_signed_answer_is_read_and_its_signature_is_no_attachment() -> None:
    made = parts(
        "Content-Type: text/plain\n\nGone.",
        'Content-Type: application/pgp-signature; name="signature.asc"\n\nx',
        kind="multipart/signed",
    )

    found = mail_answers.read(mail(**made))

    assert (found.words.partition("\n\n")[2], found.marks) == ("Gone.", set())


def test_of_a_long_answer_the_beginning_is_kept() -> None:
    found = mail_answers.read(mail("words \n" * 100_000))

    assert found.marks == {MailMark.CUT}
    assert len(found.words) < mail_answers.MAX_WORDS + 200


# --- Bounces

FAILED = "Final-Recipient: rfc822; Abuse@host.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (FAILED, BOUNCE, "5.1.1"),
        (FAILED.replace("5.1.1", "4.4.7"), BOUNCE, "4.4.7"),  # it gave up after days
        (FAILED.replace("Status: 5.1.1\n", ""), BOUNCE, "550"),
        (FAILED.replace("failed", "Failed"), BOUNCE, "5.1.1"),
        (FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.1"), None, ""),
        (FAILED.replace("failed", "delivered").replace("5.1.1", "2.0.0"), None, ""),
        (FAILED.replace("failed", "relayed"), None, ""),
        (FAILED.replace("failed", "delayed") + "\n\n" + FAILED.replace("5.1.1", "5.7.1"), BOUNCE, "5.7.1"),
        ("", None, ""),
    ],
)
def test_a_server_says_that_it_gave_up_or_that_it_goes_on_trying(status: str, kind: ReplyKind, code: str) -> None:
    found = mail_answers.read(report(status))

    assert (found.kind, found.code, found.ids, found.words) == (kind, code, (OURS,), "")
    assert found.bounced == ("abuse@host.example" if kind else "")


def test_the_letter_that_came_back_counts_before_any_other_that_is_named() -> None:
    returned = f"References: <{OTHER}@hotline.example>\nMessage-ID: <{OURS}@hotline.example>"

    assert mail_answers.read(report(FAILED, returned=returned)).ids[0] == OURS


OLD = f"""Hi. This is the program at host.example.
<abuse@host.example>:
user does not exist, 550 5.1.1 sorry

--- Below this line is a copy of the message.

Message-ID: <{OURS}@hotline.example>
"""


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"From": "MAILER-DAEMON@host.example", "Subject": "failure notice"}, BOUNCE),
        (
            {
                "From": "Mail Delivery System <Mailer-Daemon@host.example>",
                "Subject": "Mail delivery failed: returning message to sender",
            },
            BOUNCE,
        ),
        ({"From": "abuse@host.example", "X_Failed_Recipients": "abuse@host.example", "Subject": "no"}, BOUNCE),
        ({"From": "x@host.example", "Return_Path": "<>", "Subject": "Undeliverable: N"}, BOUNCE),
        ({"From": "postmaster@host.example", "Subject": "Delivery Status Notification (Failure)"}, BOUNCE),
        ({"From": "MAILER-DAEMON@host.example", "Subject": "Warning: message delayed 24 hours"}, None),
    ],
)
def test_bounces_of_older_ways_are_known(fields: dict[str, str], kind: ReplyKind | None) -> None:
    raw = mail(OLD, In_Reply_To="", **fields)
    found = mail_answers.read(raw)

    assert mail_answers.glance(raw).from_a_server
    assert (found.kind, found.ids, found.code) == (kind, (OURS,), "5.1.1" if kind else "")


# --- Whatever comes

PIECES = [
    *("\r\n", "\n", "\n\n", "--b\n", "--b--\n", "=", '"', ";", "=?", "?=", "\x00", "\xff", "<style>", "utf-8\n"),
    *(
        "base64\n",
        "Content-Type: ",
        "Content-Transfer-Encoding: ",
        "From: ",
        "Subject: ",
        "In-Reply-To: ",
        "x-failed-recipients: ",
    ),
    *("multipart/mixed; boundary=b\n", "multipart/report; boundary=b\n", "; report-type=delivery-status"),
    *("message/delivery-status\n", "text/html; charset=", "Action: failed\n", "Status: 5.1.1\n", f"{OURS}@h"),
    *("N-7GQ4M2", "=?utf-7?b?", "=?unicode_escape?q?\\ud800?=", "-----BEGIN PGP MESSAGE-----"),
]
PIECE = st.sampled_from([one.encode("latin-1") for one in PIECES])
SOME = st.lists(st.one_of(PIECE, st.binary(max_size=8)), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), SOME.map(b"".join)))
def test_any_bytes_are_read(raw: bytes) -> None:
    mail_answers.glance(raw)
    found = mail_answers.read(raw)

    found.words.encode()
    assert len(found.words) <= mail_answers.MAX_WORDS + 3 * mail_parts.MAX_FIELD
    assert (found.kind is ReplyKind.BOUNCE) or not found.code


SLOW = {
    "semicolons in a header": b'Content-Type: text/plain; a="' + b";" * 200_000,
    "folded lines": b"Subject: x" + b"\r\n x" * 60_000,
    "empty lines": b"\r\n" * 130_000,
    "no header ends": b"a: b\r\n" * 40_000,
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)),
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 30_000,
    "boundaries that are none": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b \t \t \t \t x\n" * 16_000,
    "boundary of dashes": b'Content-Type: multipart/mixed; boundary="' + b"-" * 60 + b'"\n\n' + b"-" * 260_000,
    "spaces after one": b"Content-Type: multipart/mixed; boundary=b\n\n--b" + b" " * 260_000 + b"x",
    "brackets": b"Content-Type: text/html\n\n" + b"<" * 260_000,
    "tags": b"Content-Type: text/html\n\n" + b"<a href=" * 32_000,
    "encoded words": b"Subject: " + b"=?q?q?" * 40_000 + b"\n\nx",
    "soft breaks": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 130_000,
    "names of ours": b"From: mailer-daemon@x\nSubject: failure\n\n" + f"<{OURS}@h> ".encode() * 8_000,
    "nearly names of ours": b"From: mailer-daemon@x\nSubject: failure\n\n" + b"n-7gq4m2." * 29_000,
    "reports": b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\n" + b"Action: delayed\n\n" * 15_000,
    "blank blocks": b"Content-Type: message/delivery-status\n\n" + b"\n" * 260_000,
    "a mailbox without end": b"Content-Type: message/delivery-status\n\nAction: failed\n"
    b"Final-Recipient: " + b"a" * 260_000,
    "numbers": b"From: mailer-daemon@x\nSubject: failure\n\n" + b"5.1" * 86_000,
}


@pytest.mark.parametrize("raw", SLOW.values(), ids=SLOW.keys())
def test_nothing_that_is_made_to_be_slow_is(raw: bytes) -> None:
    began = time.process_time()

    mail_answers.glance(raw[:65_536])
    mail_answers.read(raw)

    assert time.process_time() - began < 1.0
