"""The decisions that are written down are those of the code: each number, each key, each word that is tried first."""

import re

from hotline import MAX_BODY, vault
from hotline.blueprints.account import views
from hotline.blueprints.desk import files
from hotline.blueprints.public import limits
from hotline.rules import lists, passwords, replies, standing
from hotline.services import calendar_feeds, mail_answers, reply_links, sessions, staff
from tests.structure.markup import HOTLINE

DATA = (HOTLINE.parent / "docs/security-decisions.md").read_text("utf-8").partition("## Data")[2]
TOLD = " ".join((HOTLINE.parent / "docs/security-decisions.md").read_text("utf-8").split())


def test_lengths_and_times_are_those_of_the_code() -> None:
    said = {
        f"{passwords.SHORTEST} characters or more",
        f"end after {sessions.IDLE.seconds // 3600} hour without anybody",
        f"after {sessions.LONGEST.seconds // 3600} hours in any case",
        f"doubles up to {staff.LONGEST_BLOCK.seconds // 60} minutes",
        f"a form has {MAX_BODY // 1024} KiB and 64 fields (at the desk {files.MAX_FORM // 1024} KiB)",
        f"{lists.MAX_FILE // 1024**2} MB, {lists.MAX_LINES:,} lines",
        f"{calendar_feeds.TOKEN_BYTES * 8} random bits",
        f"{vault.LINK_BYTES * 8} bits of HMAC, for {reply_links.LIVES.days} days",
        f"a code of {vault.CODE_DIGITS} digits",
        f"failed {views.WRONG.split()[0]} times in ten minutes",
    }

    assert {one for one in said if one not in TOLD} == set()
    assert staff.FREE_TRIES == 5
    assert views.WRONG.endswith("per 10 minutes")
    assert (staff.NOTED_EVERY.seconds, staff.FORGOTTEN_AFTER.days) == (3600, 1)


def test_every_key_is_in_the_inventory() -> None:
    kinds = {str(lock) for lock in vault.Lock} | {vault.SIGNS}
    files = {
        name.removesuffix(".key") for name in (*vault._PUBLIC_SECRETS, vault._DESK_FORMS, vault._DOORS, vault._LINKS)
    }

    assert {one for one in kinds | files if f"`{one}`" not in TOLD} == set()


def test_the_words_that_are_tried_first_name_the_house() -> None:
    for word in ("hotline", "cambodia", "phnompenh", "admin"):
        assert passwords.FIRST_TO_BE_TRIED.fullmatch(word)
        assert passwords.fault(f"{word}-2026-{word}", name="Li") is not None


def test_limits_are_those_of_the_code() -> None:
    shares = f"{limits.TRIES} forms, {limits.REPORTS} reports, {limits.LOOKUPS} wrong codes, {limits.ANSWERS} answers"

    assert f"For one network in ten minutes: {shares}" in TOLD
    assert (limits.MINUTES, limits.BEYOND) == (10, 10)
    assert limits.IPV6_NETWORK == 64
    assert standing.MOST_IN_HAND == 6
    assert "six first looks in hand" in TOLD
    told_of_one = f"{replies.MOST_UNMOVED} answers by link that wait, {mail_answers.MOST_AT_A_NOTICE} mails"
    assert told_of_one in TOLD


def test_every_part_that_the_list_of_asvs_leans_on_is_there() -> None:
    listed = (HOTLINE.parent / "docs/asvs.md").read_text("utf-8")
    headings = set(re.findall(r"(?m)^## (.+)$", (HOTLINE.parent / "docs/security-decisions.md").read_text("utf-8")))

    leans_on = set(re.findall(r'"([A-Z][a-z ]+)"', listed.partition("## V1")[2])) - {"Fields"}

    assert len(leans_on) > 5
    assert leans_on <= headings


def test_every_level_of_data_says_where_it_lies() -> None:
    levels = re.findall(r"(?m)^\| (never kept|`care`|`case`|house|public) \| .+ \| .+ \|$", DATA)

    assert levels == ["never kept", "`care`", "`case`", "house", "public"]
    assert {str(lock) for lock in (vault.Lock.CARE, vault.Lock.CASE)} == {
        one.strip("`") for one in levels if "`" in one
    }
