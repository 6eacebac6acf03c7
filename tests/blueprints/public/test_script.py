"""The scripts of the public site: small, careful, and served like any page."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

from hotline.blueprints.public import script
from tests.page import read_public

PAGES = {"": "site", "report": "site", "follow-up": "site", "help": "site", "phone": "phone"}


@pytest.mark.parametrize("name", script.FILES)
def test_a_script_is_served_and_never_stored(public_client: FlaskClient, name: str):
    answer = public_client.get(f"/{name}.js")

    assert answer.status_code == 200
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_compressed_script_is_the_plain_one(public_client: FlaskClient):
    squeezed = public_client.get("/site.js", headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(squeezed.data) == public_client.get("/site.js").data
    assert squeezed.mimetype == "text/javascript"


def test_other_scripts_are_missing_pages(public_client: FlaskClient):
    assert public_client.get("/public.js").status_code == 404


@pytest.mark.parametrize(("name", "most"), [("site", 6_000), ("phone", 8_000)])
def test_the_script_of_a_page_keeps_its_budget(public_client: FlaskClient, name: str, most: int):
    assert len(public_client.get(f"/{name}.js").data) <= most


def test_the_script_of_the_opt_in_page_is_that_of_every_page_and_its_own(public_client: FlaskClient):
    whole = public_client.get("/phone.js").text

    assert whole.startswith(public_client.get("/site.js").text)
    assert "serviceWorker" in whole


@pytest.mark.parametrize("name", script.FILES)
def test_a_script_draws_no_markup_and_remembers_nothing(public_client: FlaskClient, name: str):
    text = public_client.get(f"/{name}.js").text

    assert not re.search(r"eval\(|Function\(|innerHTML|outerHTML|document\.write|insertAdjacentHTML", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB|\.cookie\b", text)


@pytest.mark.parametrize("name", ["site", "proof", "phone"])
def test_old_phones_can_read_a_script(public_client: FlaskClient, name: str):
    text = public_client.get(f"/{name}.js").text

    assert text.isascii()
    assert not re.search(r"=>|`|\b(let|const|class|async|await)\b|\?\.|\?\?", text)


def test_trimming_keeps_what_counts():
    source = '// About.\n  var a = "https://a.example"; // why\n\n    // more\n  b();\n'

    assert script.trim(source) == 'var a = "https://a.example";\nb();\n'


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_one_script_and_never_waits_for_it(public_client: FlaskClient, path: str):
    page = read_public(public_client.get(f"/km/{path}"))

    script = page.one("script")

    assert (script["src"], "defer" in script.attrs) == (f"/{PAGES[path]}.js", True)


def test_what_the_script_says_stands_hidden_on_the_page(public_client: FlaskClient):
    page = read_public(public_client.get("/en/report"))

    notice = page.by_id("offline")

    assert "hidden" in notice.attrs
    assert notice["role"] == "alert"
    assert {"tel:1288", "tel:1280", "tel:+85592311511"} <= {
        link["href"] for link in page.all("a") if link.within("div") is notice
    }
    assert page.by_id("say")["data-sending"]


def test_only_the_opt_in_page_may_register_a_worker_or_an_app(public_client: FlaskClient):
    policies = {
        path: public_client.get(path).headers["Content-Security-Policy"]
        for path in ("/en/", "/en/report", "/en/phonebook", "/site-worker.js", "/en/phone")
    }

    allowed = {path for path, policy in policies.items() if "worker-src 'self'; manifest-src 'self'" in policy}

    assert allowed == {"/en/phone"}
    assert all("script-src 'self'; connect-src 'self'" in policy for policy in policies.values())
