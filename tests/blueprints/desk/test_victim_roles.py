"""The wall around victim files: every route and every role, what exists and what does not, and every sealed word.

One desk for all of it: with the invented cases, and one case that has a mark of its own in every field of its file.
"""

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from hotline import create_app
from hotline.extensions import db
from hotline.models import Identification, Referral, ServiceProvider, VictimCase
from hotline.models.case_link import CaseLink
from hotline.models.help_request import HelpRequest
from hotline.models.victim_case import CaseErasure, CasePerson
from hotline.rules.case_closing import Check
from hotline.rules.victim_files import CaseFile
from hotline.services import (
    case_closing,
    case_files,
    case_retention,
    demo_cases,
    demo_requests,
    directory,
    staff,
)
from hotline.transactions import writing
from hotline.vocabulary import CaseOutcome, Language, RecipientKind, Role, Surface
from tests import stores
from tests.blueprints.desk.desk_site import PASSWORD, PEOPLE, Browser, DeskSite, environ
from tests.services import case_steps

MORE = {
    "boss": (Role.MANAGER,),
    "vuthy": (Role.REVIEWER,),
    "chantha": (Role.COUNSELLOR,),
    "chenda": (Role.VICTIM_SUPPORT,),  # who has no case
}
EVERYBODY = PEOPLE | MORE
ONE_ROLE = sorted(name for name, roles in EVERYBODY.items() if len(roles) == 1 and name != "chenda")
OTHERS = sorted({*ONE_ROLE, "vanna"} - {"kunthea"})
MARKED = {
    name: f"quiet{name.replace('_', '')}word"
    for name, value in asdict(CaseFile()).items()
    if isinstance(value, str) and name not in {"sex", "born_on", "age", "province"}
}
INVENTED = tuple(
    word
    for file in (demo_cases.LOTUS, demo_cases.KITE, demo_cases.MANGO, demo_cases.LAMP)
    for name, word in asdict(file).items()
    if isinstance(word, str) and len(word) > 6 and name not in {"nationality", "languages", "province", "born_on"}
)
AROUND = (  # people, and what was written of them in notes, answers, referrals, plans, links and packages
    *("ចាន់ សុខុម", "Sok Bora", "Mao Sophal", "Keo Mealea", "លី ចន្ធូ", "Heng Sovann"),
    *("She lives in his house", "She takes her in on school days", "The mother wants the police", "back in her class"),
    *("She is alone with him", "I want to sleep there", "Please tell the aunt", "EX-2026-21", "ណាត់ជួបអ្នកប្រឹក្សា"),
    *("Somebody in the thread calls", "before you speak with the family", "ខ្ញុំមិនចង់ទៅទេឥឡូវនេះ", "It is gone."),
)
SEALED = tuple({*MARKED.values(), *INVENTED, *AROUND})
REFERENCE = re.compile(r"\b(?:VC|RF|VP)-[0-9A-Z]{6}\b")
LINK = re.compile(r'href="(/desk/[^"#]*)"')
CHANGING = re.compile(r'name="csrf_token" value="[^"]+"|nonce="[^"]+"')
ENGLISH = {"Accept-Language": "en"}
SAYS_WHO_HAS_IT = {"/desk/victims/cases/<ref>/open"}  # victim support may ask for a case of somebody else by reference


@pytest.fixture(scope="module")
def site(laid_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskSite]:
    folder = Path(shutil.copytree(laid_desk, tmp_path_factory.mktemp("roles") / "desk"))
    app = create_app(Surface.DESK, environ(folder))
    desk = DeskSite(app)
    desk.report("https://img-board.example/t/1")
    with desk.context():
        with writing():
            for name, roles in MORE.items():
                staff.add(name, PASSWORD, roles, language=Language.EN, by=None, must_change=False)
            directory.add("Example Cyber Unit", RecipientKind.POLICE, "desk@police.example", "KH", Language.EN)
        demo_requests.fill()
        demo_cases.fill()
        officer, boss = staff.get_by_name("kunthea"), staff.get_by_name("boss")
        marked = case_steps.a_case(by=officer, **MARKED, born_on="", province="", sex="", age="")
        with writing():
            case_files.get(marked.ref, by=officer)
            closure = case_closing.ask(marked, CaseOutcome.OTHER, (Check.CONSENTS,), "quietreasonword", by=officer)
            case_closing.approve(closure, by=boss)
            case_retention.ask(marked, by=officer)
    yield desk
    stores.dispose(app)


@pytest.fixture(scope="module")
def there(site: DeskSite) -> dict[str, str]:
    """One reference of each kind that exists, by what stands before it in an address."""
    with site.context():
        first = {
            "links": CaseLink.ref,
            "police": Identification.ref,
            "referrals": Referral.ref,
            "services": ServiceProvider.ref,
            "retention": CaseErasure.ref,
            "cases": VictimCase.ref,
            "victims": HelpRequest.ref,
            "support": CaseLink.ref,
        }
        found = {kind: str(db.session.scalars(select(ref).limit(1)).one()) for kind, ref in first.items()}
        person = db.session.scalars(select(CasePerson).limit(1)).one()
        found["cases"] = person.case.ref if hasattr(person, "case") else found["cases"]
    return found


def rules(site: DeskSite) -> list[Rule]:
    """Return every route of victim support, in a stated order."""
    found = [rule for rule in site.app.url_map.iter_rules() if re.match(r"/desk/(?:victims|support/)", rule.rule)]
    return sorted(found, key=lambda rule: (rule.rule, sorted(rule.methods or ())))


def roles_of(site: DeskSite, rule: Rule) -> frozenset[Role]:
    return frozenset(site.app.view_functions[rule.endpoint].roles)  # type: ignore[attr-defined]


def address(site: DeskSite, rule: Rule, there: dict[str, str] | None) -> str:
    """Return an address of a route: of something that exists, or where `there` is None, that does not."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        before = rule.rule.partition(f"<{name}>")[0].rstrip("/").rpartition("/")[2]
        if name in {"ref", "case"}:
            values[name] = there[before] if there else "XX-222222"
        elif name == "to":
            values[name] = there["services"] if there else "SV-222222"
        elif name == "domain":
            values[name] = "safety" if there else "nothing"
        elif name == "version":
            values[name] = 0 if there else 99
        else:
            values[name] = 1 if there else 999
    with site.app.test_request_context():
        return str(site.app.url_map.bind("localhost").build(rule.endpoint, values, method=method_of(rule)))


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def ask(browser: Browser, rule: Rule, path: str) -> TestResponse:
    """Ask without reading the page: there are thousands."""
    if method_of(rule) == "POST":
        return browser.client.post(path, data={"csrf_token": browser.token}, headers=ENGLISH)
    return browser.client.get(path, headers=ENGLISH)


def body(answer: TestResponse) -> str:
    """Return what was answered, without what is drawn anew each time."""
    return CHANGING.sub("", answer.get_data(as_text=True))


def differing(browser: Browser, site: DeskSite, rule: Rule, there: dict[str, str], status: int) -> list[str]:
    """Ask for what exists and for what does not; return what tells the two apart, or is not answered with `status`."""
    paths = [address(site, rule, there), address(site, rule, None)]
    answers = [ask(browser, rule, path) for path in paths]
    told = [f"{path}: {one.status_code}" for path, one in zip(paths, answers, strict=True) if one.status_code != status]
    return told or ([] if body(answers[0]) == body(answers[1]) else [f"{paths[0]} differs from {paths[1]}"])


def test_there_is_a_reference_for_every_route(site: DeskSite, there: dict[str, str]) -> None:
    routes = rules(site)

    assert len(routes) > 100
    assert {role for name in ONE_ROLE for role in EVERYBODY[name]} == set(Role)
    assert all(roles_of(site, rule) for rule in routes)
    assert all(address(site, rule, there) for rule in routes)


@pytest.mark.parametrize("name", ONE_ROLE)
def test_a_wrong_role_is_refused_alike_whether_it_exists_or_not(
    site: DeskSite, there: dict[str, str], name: str
) -> None:
    browser, wrong = site.sign_in(name), []
    shut = [rule for rule in rules(site) if not roles_of(site, rule) & set(EVERYBODY[name])]
    for rule in shut:
        wrong += differing(browser, site, rule, there, 403)

    assert wrong == []
    assert shut


def test_to_victim_support_somebody_elses_case_is_not_there(site: DeskSite, there: dict[str, str]) -> None:
    browser, wrong = site.sign_in("chenda"), []
    theirs = [
        rule
        for rule in rules(site)
        if re.search(r"/(?:cases|referrals|police)/<|/overrides/<", rule.rule)
        and Role.VICTIM_SUPPORT in roles_of(site, rule)
        and rule.rule not in SAYS_WHO_HAS_IT
    ]
    for rule in theirs:
        wrong += differing(browser, site, rule, there, 404)

    assert wrong == []
    assert len(theirs) > 60


def test_who_asks_for_somebody_elses_case_learns_who_has_it_and_no_word_of_it(
    site: DeskSite, there: dict[str, str]
) -> None:
    shown = site.sign_in("chenda").page(f"/desk/victims/cases/{there['cases']}/open")

    assert "kunthea" in shown.text
    assert leaks(shown.text) == []


def leaks(text: str) -> list[str]:
    text = html.unescape(text)
    return [word for word in SEALED if word in text]


def every_page(browser: Browser, *, most: int = 2) -> dict[str, str]:
    """Return all pages that are reached by links from the first, by address; of many alike, some."""
    todo, found, kinds = ["/desk/"], {}, {}
    while todo:
        path = todo.pop(0)
        kind = re.sub(r"[A-Z]{1,2}-\w+|\d+", "*", path)
        if path in found or kinds.get(kind, 0) >= most:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = browser.client.get(path, headers=ENGLISH)
        found[path] = answer.get_data(as_text=True) if answer.status_code == 200 else ""
        if answer.mimetype == "text/html":
            todo += [link.replace("&amp;", "&") for link in LINK.findall(found[path])]
    return found


@pytest.mark.parametrize("name", OTHERS)
def test_no_page_of_another_role_holds_a_reference_or_a_word(site: DeskSite, name: str) -> None:
    pages = every_page(site.sign_in(name))
    is_manager = Role.MANAGER in EVERYBODY[name]

    words = {path: found for path, text in pages.items() if (found := leaks(text))}
    references = {path for path, text in pages.items() if REFERENCE.search(text)}

    assert words == {}
    if is_manager:
        assert {path for path in references if not path.startswith("/desk/victims")} <= {"/desk/", "/desk/clocks"}
        assert references  # they do see references, where a decision of theirs waits
    else:
        assert {path for path in references if not path.startswith("/desk/audit")} == set()  # auditors read the trail
    assert len(pages) > 3


def test_what_nobody_else_finds_the_officer_does(site: DeskSite) -> None:
    kunthea = site.sign_in("kunthea")
    with site.context():
        cases = list(db.session.scalars(select(VictimCase.ref).order_by(VictimCase.id)))
    papers = [f"/desk/victims/cases/{ref}/print?lang=en" for ref in cases]
    pages = [*every_page(kunthea, most=8).values(), *(kunthea.get(path).get_data(as_text=True) for path in papers)]

    text = html.unescape("\n".join(pages))
    assert [word for word in SEALED if word not in text] == []


def test_a_stranger_of_victim_support_finds_references_and_no_word(site: DeskSite) -> None:
    pages = every_page(site.sign_in("chenda"))

    assert {path: found for path, text in pages.items() if (found := leaks(text))} == {}
    assert REFERENCE.search(pages["/desk/victims/cases?show=all"])
