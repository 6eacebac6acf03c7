"""What search engines are told, read as they read it (RFC 9309)."""

from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient

from tests.blueprints.public.site import LANGUAGES

FIELDS = {"user-agent", "allow", "disallow", "sitemap"}


@pytest.fixture
def robots(public_client: FlaskClient) -> RobotFileParser:
    parser = RobotFileParser()
    parser.parse(public_client.get("/robots.txt").get_data(as_text=True).splitlines())
    return parser


def test_every_line_is_one_that_robots_know(public_client: FlaskClient):
    answer = public_client.get("/robots.txt")
    lines = [line for line in answer.get_data(as_text=True).splitlines() if line and not line.startswith("#")]

    assert answer.mimetype == "text/plain"
    assert {line.partition(":")[0].strip().lower() for line in lines} <= FIELDS
    assert lines[0].lower().startswith("user-agent:")
    assert all(line.partition(":")[2].strip().startswith(("/", "*")) for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["", "report", "help", "statistics", "find-link"])
def test_pages_may_be_found(robots: RobotFileParser, lang: str, path: str):
    assert robots.can_fetch("AnyBot", f"/{lang}/{path}")


@pytest.mark.parametrize("path", ["/km/report/receipt", "/en/report/receipt", "/reply/x", "/exchange/v1"])
def test_what_is_one_persons_may_not(robots: RobotFileParser, path: str):
    assert not robots.can_fetch("AnyBot", path)
