"""What the proxy's settings say of TLS and of where they lead, read as text: also where no nginx is installed."""

import re
from pathlib import Path

from hotline.security import HSTS

SETTINGS = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")
SERVERS = re.split(r"(?m)^server \{", re.sub(r"(?m)\s*#.*$", "", SETTINGS))[1:]
SERVED = [one for one in SERVERS if "proxy_pass" in one]
WITH_TLS = [one for one in SERVED if re.search(r"listen 443 ssl", one)]


def said(server: str, name: str) -> list[str]:
    """Return what every line of that name says."""
    return re.findall(rf"(?m)^\s*{re.escape(name)} ([^;]+);", server)


def test_every_door_with_tls_takes_two_versions_and_no_tickets() -> None:
    assert len(WITH_TLS) == 2

    assert [said(one, "ssl_protocols") for one in WITH_TLS] == [["TLSv1.2 TLSv1.3"]] * 2
    assert [said(one, "ssl_session_tickets") for one in WITH_TLS] == [["off"]] * 2


def test_every_door_with_tls_names_ciphers_that_keep_what_was_said() -> None:
    named = [said(one, "ssl_ciphers") for one in WITH_TLS]

    assert named[0] == named[1]
    assert all(re.fullmatch(r"ECDHE-(?:ECDSA|RSA)-.*(?:GCM-SHA\d+|POLY1305)", one) for one in named[0][0].split(":"))


def test_every_door_with_tls_binds_browsers_to_it() -> None:
    line = f'add_header Strict-Transport-Security "{HSTS}" always;'

    assert all(line in one for one in WITH_TLS)
    assert all(line in place for one in WITH_TLS for place in re.findall(r"location @closed \{.*?\n    \}", one, re.S))
    assert [said(one, "proxy_hide_header") for one in WITH_TLS] == [["Strict-Transport-Security"]] * 2


def test_what_is_served_without_tls_is_the_onions_alone() -> None:
    assert [said(one, "listen") for one in SERVED if one not in WITH_TLS] == [["127.0.0.1:8080"]]


def test_the_proxy_leads_to_this_machine_alone_and_serves_no_file() -> None:
    leads = {where for one in SERVERS for where in said(one, "proxy_pass")}

    assert leads == {"http://127.0.0.1:8000", "http://127.0.0.1:8001"}
    for server in SERVERS:
        assert not said(server, "autoindex") + said(server, "alias") + said(server, "try_files")
        for place in re.findall(r"location ([^{]+)\{[^}]*\broot ", server):
            assert place.strip() == "/.well-known/acme-challenge/"
