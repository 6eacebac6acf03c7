"""What a mail or a calendar says of duties of the code of practice: their names, references and days. Pure.

Neither knows a case, an address or a person: whoever reads it over a shoulder learns that there is work to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from hotline.rules.letters import AS_WRITTEN, PLAIN
from hotline.vocabulary import Clause, Duty, Language, OfficialPart, Sector

BEGINS, ENDS = time(7), time(12)  # the morning, by the time of the country
FRIDAY = 4
EN, KM = Language.EN, Language.KM
NAMES: Mapping[Language, Mapping[Duty, str]] = {
    EN: {
        Duty.TELL_DPO: "Tell the data protection officer",
        Duty.TELL_SECRETARIAT: "Tell the INHOPE secretariat",
        Duty.ANSWER_INHOPE: "Answer a notice from INHOPE",
        Duty.TEST_CONTACT: "Test the point of contact",
        Duty.CONSULT: "Consult a sector",
        Duty.HOLD_MEETING: "Hold a planned consultation",
        Duty.DO_ACTION: "Do what was agreed",
        Duty.RENEW_AGREEMENT: "Renew an agreement",
        Duty.RENEW_KEY: "Ask for a new key",
        Duty.RESTORE_TEST: "Restore a backup as a test",
        Duty.REVIEW_ACCESS: "Look who has access",
        Duty.CHECK_CLAUSE: "Look at a clause again",
        Duty.READ_PROTOCOL: "Read the security protocol",
        Duty.RENEW_TRAINING: "Repeat a training or a vetting",
        Duty.TAKE_DOWN_PICTURE: "Take a picture down",
    },
    KM: {
        Duty.TELL_DPO: "ជូនដំណឹងមន្ត្រីការពារទិន្នន័យ",
        Duty.TELL_SECRETARIAT: "ជូនដំណឹងលេខាធិការដ្ឋាន INHOPE",
        Duty.ANSWER_INHOPE: "ឆ្លើយសេចក្តីជូនដំណឹងពី INHOPE",
        Duty.TEST_CONTACT: "សាកល្បងអ្នកទំនាក់ទំនង",
        Duty.CONSULT: "ពិគ្រោះយោបល់ជាមួយវិស័យមួយ",
        Duty.HOLD_MEETING: "ធ្វើការពិគ្រោះយោបល់ដែលបានគ្រោងទុក",
        Duty.DO_ACTION: "ធ្វើអ្វីដែលបានព្រមព្រៀង",
        Duty.RENEW_AGREEMENT: "បន្តកិច្ចព្រមព្រៀងជាថ្មី",
        Duty.RENEW_KEY: "សុំសោថ្មី",
        Duty.RESTORE_TEST: "សាកល្បងស្តារច្បាប់ចម្លងបម្រុង",
        Duty.REVIEW_ACCESS: "ពិនិត្យមើលថានរណាមានសិទ្ធិចូល",
        Duty.CHECK_CLAUSE: "ពិនិត្យប្រការមួយឡើងវិញ",
        Duty.READ_PROTOCOL: "អានពិធីការសុវត្ថិភាព",
        Duty.RENEW_TRAINING: "ធ្វើការបណ្តុះបណ្តាល ឬការពិនិត្យប្រវត្តិឡើងវិញ",
        Duty.TAKE_DOWN_PICTURE: "ដករូបភាពចេញ",
    },
}
SECTORS: Mapping[Language, Mapping[Sector, str]] = {
    EN: {
        Sector.GOVERNMENT: "government",
        Sector.LAW_ENFORCEMENT: "law enforcement",
        Sector.INDUSTRY: "internet industry",
        Sector.CHILD_WELFARE: "child welfare",
        Sector.OTHERS: "others",
    },
    KM: {
        Sector.GOVERNMENT: "រដ្ឋាភិបាល",
        Sector.LAW_ENFORCEMENT: "អ្នកអនុវត្តច្បាប់",
        Sector.INDUSTRY: "វិស័យអ៊ីនធឺណិត",
        Sector.CHILD_WELFARE: "សុខុមាលភាពកុមារ",
        Sector.OTHERS: "ភាគីផ្សេងទៀត",
    },
}
OFFICES: Mapping[Language, Mapping[OfficialPart, str]] = {  # whose key it is
    EN: {OfficialPart.DPO: "data protection officer", OfficialPart.SECRETARIAT: "INHOPE secretariat"},
    KM: {OfficialPart.DPO: "មន្ត្រីការពារទិន្នន័យ", OfficialPart.SECRETARIAT: "លេខាធិការដ្ឋាន INHOPE"},
}
CLAUSE = {EN: "clause {number}", KM: "ប្រការ {number}"}
WORDS = {
    EN: {
        "subject": "Your duties, {day}",
        "hello": "This is what you answer for that is late or due soon:",
        "late": "{title}. Late: it was due on {day}.",
        "due": "{title}. Due on {day}.",
        "desk": "The desk shows more. It opens in the secure room only.",
        "stop": "You asked for this mail. At the desk, under My account, you can end it.",
        "week_subject": "The week in numbers, {day}",
        "week": "The last seven days, and what comes:",
    },
    KM: {
        "subject": "កាតព្វកិច្ចរបស់អ្នក {day}",
        "hello": "នេះជាអ្វីដែលអ្នកទទួលខុសត្រូវ ហើយដែលយឺត ឬជិតដល់កំណត់៖",
        "late": "{title}។ យឺត៖ កំណត់គឺថ្ងៃទី {day}។",
        "due": "{title}។ កំណត់ថ្ងៃទី {day}។",
        "desk": "តុការងារបង្ហាញច្រើនជាងនេះ។ វាបើកបានតែក្នុងបន្ទប់សុវត្ថិភាពប៉ុណ្ណោះ។",
        "stop": "អ្នកបានសុំអ៊ីមែលនេះ។ នៅតុការងារ ក្រោម «គណនីរបស់ខ្ញុំ» អ្នកអាចបញ្ឈប់វាបាន។",
        "week_subject": "សប្តាហ៍នេះជាលេខ {day}",
        "week": "ប្រាំពីរថ្ងៃចុងក្រោយ និងអ្វីដែលនឹងមកដល់៖",
    },
}
NUMBERS: Mapping[Language, Mapping[str, str]] = {
    EN: {
        "received": "Items received: {num}",
        "decided": "Items decided: {num}",
        "sent": "Letters sent: {num}",
        "taken_down": "Taken down: {num}",
        "missed": "Duties done too late: {num}",
        "late": "Duties late now: {num}",
        "due": "Duties due in the next seven days: {num}",
        "nobodys": "Duties that nobody answers for: {num}",
        "incidents": "Incidents with something to do: {num}",
        "consultations": "Consultations due: {num}",
    },
    KM: {
        "received": "តំណដែលបានទទួល៖ {num}",
        "decided": "តំណដែលបានសម្រេច៖ {num}",
        "sent": "លិខិតដែលបានផ្ញើ៖ {num}",
        "taken_down": "បានដកចេញ៖ {num}",
        "missed": "កាតព្វកិច្ចដែលធ្វើយឺត៖ {num}",
        "late": "កាតព្វកិច្ចដែលកំពុងយឺត៖ {num}",
        "due": "កាតព្វកិច្ចដែលដល់កំណត់ក្នុងប្រាំពីរថ្ងៃខាងមុខ៖ {num}",
        "nobodys": "កាតព្វកិច្ចដែលគ្មាននរណាទទួលខុសត្រូវ៖ {num}",
        "incidents": "ឧប្បត្តិហេតុដែលនៅមានកិច្ចការត្រូវធ្វើ៖ {num}",
        "consultations": "ការពិគ្រោះយោបល់ដែលដល់កំណត់៖ {num}",
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """One duty in a mail: what it is called, the day it is or was due, as the language says it, and if it is late."""

    title: str
    day: str
    is_late: bool


def title(duty: Duty, key: str, language: Language) -> str:
    """Return what a duty is called: its reference first, or its sector, clause or office last.

    `key` is the reference of what it is about, the word for an office, or the key of a standing duty, such as
    `consult.industry`.
    """
    name = NAMES[language][duty]
    if key in set(OfficialPart):
        return f"{name}: {OFFICES[language][OfficialPart(key)]}"
    _, _, part = key.partition(".")
    if part in set(Sector):
        return f"{name}: {SECTORS[language][Sector(part)]}"
    if part in set(Clause):
        return f"{name}: {CLAUSE[language].format(number=list(Clause).index(Clause(part)) + 1)}"
    return name if key in {"", str(duty)} else f"{key}: {name}"


def is_morning(at: datetime) -> bool:
    """Whether a moment of the country's own time is on the morning of Monday to Friday, when such mail is written."""
    return at.weekday() <= FRIDAY and BEGINS <= at.time() < ENDS


def is_monday(at: datetime) -> bool:
    """Whether a moment of the country's own time is on a Monday, when the week's mail is written."""
    return at.weekday() == 0


def duties_text(lines: Sequence[Line], language: Language, *, day: str) -> tuple[str, str]:
    """Return subject and text of a person's mail."""
    words = WORDS[language]
    said = [words["late" if one.is_late else "due"].format(title=one.title, day=one.day) for one in lines]
    return words["subject"].format(day=day), _text(words["hello"], said, words)


def week_text(numbers: Mapping[str, int], language: Language, *, day: str, most: int) -> tuple[str, str]:
    """Return subject and text of the week's mail: numbers only. One above `most` is said as `most`+."""
    words = WORDS[language]
    told = {key: f"{most}+" if num > most else str(num) for key, num in numbers.items()}
    said = [line.format(num=told[key]) for key, line in NUMBERS[language].items() if key in told]
    return words["week_subject"].format(day=day), _text(words["week"], said, words)


def mail(subject: str, text: str, *, message_id: str, sender: str, mailbox: str, at: datetime) -> bytes:
    """Return the whole mail (RFC 5322, ASCII, lines end in CRLF). The same arguments give the same bytes."""
    message = EmailMessage(policy=AS_WRITTEN)
    for name, value in (("From", Address("", addr_spec=sender)), ("To", mailbox), ("Subject", subject)):
        message[name] = PLAIN.header_store_parse(name, value)[1]  # encodes what is not ASCII, refuses a line break
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64" if not text.isascii() else "7bit")
    return message.as_bytes()


def _text(first: str, said: Sequence[str], words: Mapping[str, str]) -> str:
    lines = "\n".join(f"- {one}" for one in said)
    return f"{first}\n\n{lines}\n\n{words['desk']}\n{words['stop']}\n"
