"""Settings: a wrong one stops the program in one line that names it."""

from pathlib import Path

import pytest

from hotline import create_app, vault
from hotline.config import Settings
from hotline.errors import SettingsError
from hotline.vocabulary import Surface

WRONG = {
    "PORT": "eighty",
    "HOTLINE_DATABASE_URL": "mysql://127.0.0.1/desk",
    "HOTLINE_FRONT_DATABASE_URL": "front.sqlite3",
    "HOTLINE_REDIS_URL": "http://127.0.0.1",
    "HOTLINE_SMTP_URL": "127.0.0.1:25",
    "HOTLINE_MAIL_FROM": "two@hotline.example, three@hotline.example",
    "HOTLINE_PUBLIC_URL": "hotline.example",
    "HOTLINE_OPENPGP_FINGERPRINT": "0000 0000",
    "HOTLINE_OPENPGP_URL": "http://hotline.example/key.asc",
    "HOTLINE_DESK_URL": "http://desk.hotline.example",
    "HOTLINE_ONION_URL": "onion",
    "HOTLINE_EXIT_URL": "http://search.example",
    "HOTLINE_DESK_NETWORKS": "the office",
    "HOTLINE_TRUSTED_PROXIES": "-1",
    "HOTLINE_ICCAM_URL": "http://iccam.example",
    "HOTLINE_ICCAM_CERT": "/nowhere/client.pem",
    "HOTLINE_ICCAM_KEY": "/nowhere/client.key",
    "HOTLINE_CHECK_PROXY": "socks5h://proxy.example:1080",
    "HOTLINE_INBOX_DELAY": "90-30",
    "HOTLINE_SECOND_LOOK_SAMPLE": "0",
    "HOTLINE_EXPOSURE_LIMIT": "10",
    "HOTLINE_BREAK_AFTER": "5",
    "HOTLINE_CUTOFF_HOUR": "25",
    "HOTLINE_INTERRUPTION_AFTER": "1",
    "HOTLINE_BRAKE": "-1",
    "HOTLINE_LOOKUPS": "maybe",
    "HOTLINE_DNS_SERVERS": "resolver.example",
    "HOTLINE_RDAP_BOOTSTRAP": "/nowhere/at/all",
    "HOTLINE_DEMO": "maybe",
    "HOTLINE_LOG_LEVEL": "LOUD",
}


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ({name: value}, Surface.DESK)

    assert name in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_jurisdiction_is_refused(tmp_path: Path) -> None:
    vault.create_keys(tmp_path / "keys")

    with pytest.raises(SettingsError, match="HOTLINE_JURISDICTION"):
        create_app(Surface.DESK, {"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_JURISDICTION": "xx"})


def test_missing_keys_stop_the_program_and_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="flask prepare"):
        create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(tmp_path)})


def test_both_sites_in_one_process_are_for_one_machine_only() -> None:
    with pytest.raises(SettingsError, match="HOTLINE_PUBLIC_URL"):
        Settings.from_environ({"HOTLINE_PUBLIC_URL": "https://hotline.example"}, Surface.ALL)


def test_a_key_is_named_with_where_to_get_it_or_not_at_all() -> None:
    digits, place = "0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567", "https://hotline.example/key.asc"
    both = {"HOTLINE_OPENPGP_FINGERPRINT": digits, "HOTLINE_OPENPGP_URL": place}

    found = Settings.from_environ(both, Surface.OFFICE)

    assert found.openpgp_fingerprint == "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567"
    assert Settings.from_environ({}, Surface.OFFICE).openpgp_fingerprint == ""
    for name, value in both.items():
        with pytest.raises(SettingsError, match="belong together"):
            Settings.from_environ({name: value}, Surface.OFFICE)


@pytest.mark.parametrize(
    "place",
    [
        "http://hotline.example/key.asc",
        "https:///key.asc",
        "https://a b.example/key.asc",
        "https://name:word@hotline.example/key.asc",
        "https://hotline.example/key.asc\nBcc: x",
    ],
)
def test_what_is_no_plain_page_is_not_named_in_letters(place: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_OPENPGP_URL"):
        Settings.from_environ(
            {"HOTLINE_OPENPGP_FINGERPRINT": "0123456789" * 4, "HOTLINE_OPENPGP_URL": place}, Surface.OFFICE
        )


def test_the_two_stores_must_differ() -> None:
    one = "postgresql+psycopg://127.0.0.1/hotline"

    with pytest.raises(SettingsError, match="two different stores"):
        Settings.from_environ({"HOTLINE_DATABASE_URL": one, "HOTLINE_FRONT_DATABASE_URL": one}, Surface.DESK)


@pytest.mark.parametrize(
    ("desk", "front"),
    [
        ("postgresql+psycopg://h@/hotline_desk", "postgresql+psycopg://h@/hotline_front"),
        (
            "postgresql+psycopg://h@db:5433/hotline?sslmode=require",
            "postgresql+psycopg://h@db:5433/hotline_front?sslmode=require",
        ),
    ],
)
def test_the_front_store_is_looked_for_beside_the_desks(desk: str, front: str) -> None:
    assert Settings.from_environ({"HOTLINE_DATABASE_URL": desk}, Surface.DESK).front_database_url == front


def test_settings_cannot_be_changed_once_read() -> None:
    settings = Settings.from_environ({}, Surface.DESK)

    with pytest.raises(AttributeError):
        settings.demo = False  # type: ignore[misc]


def test_the_public_process_holds_no_private_key_and_no_way_to_the_desk(tmp_path: Path) -> None:
    vault.create_keys(tmp_path / "keys")

    app = create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(tmp_path)})

    ring = app.extensions["hotline.keyring"]
    assert not ring.halves
    assert not ring.blinds
    assert ring.desk_secret is None
    assert app.config["SQLALCHEMY_DATABASE_URI"] is None
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk")]


def test_the_desk_does_not_hold_what_makes_receipts(tmp_path: Path) -> None:
    vault.create_keys(tmp_path / "keys")

    app = create_app(Surface.DESK, {"HOTLINE_DATA_DIR": str(tmp_path)})

    assert app.extensions["hotline.keyring"].public is None


def test_the_pause_before_the_inbox_is_drawn_from_the_span() -> None:
    settings = Settings.from_environ({"HOTLINE_INBOX_DELAY": "30-90"}, Surface.OFFICE)

    drawn = {settings.next_inbox_delay() for _ in range(50)}

    assert all(30 <= pause <= 90 for pause in drawn)
    assert len(drawn) > 40


@pytest.mark.parametrize(
    ("servers", "read"),
    [
        ("192.0.2.53", (("192.0.2.53", 53),)),
        ("192.0.2.53:5353, 2001:db8::53", (("192.0.2.53", 5353), ("2001:db8::53", 53))),
        ("[2001:db8::53]:5353,[2001:db8::54]", (("2001:db8::53", 5353), ("2001:db8::54", 53))),
    ],
)
def test_naming_resolvers_turns_lookups_on(servers: str, read: tuple[tuple[str, int], ...]) -> None:
    named = {"HOTLINE_DNS_SERVERS": servers}
    settings = Settings.from_environ(named, Surface.DESK)

    assert (settings.dns_servers, settings.lookups) == (read, True)
    assert not Settings.from_environ({}, Surface.DESK).lookups
    assert not Settings.from_environ(named | {"HOTLINE_LOOKUPS": "off"}, Surface.DESK).lookups


@pytest.mark.parametrize("servers", ["192.0.2.53:0", "192.0.2.53:65536", "192.0.2.53:x", "[2001:db8::53", "::1]:53:53"])
def test_a_resolver_is_an_address_and_a_port(servers: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_DNS_SERVERS"):
        Settings.from_environ({"HOTLINE_DNS_SERVERS": servers}, Surface.DESK)


def test_a_mailbox_for_reports_is_reached_encrypted_or_on_loopback() -> None:
    named = {"HOTLINE_IMAP_AUTHSERV": "mx.hotline.example"}
    for url in ("imaps://me:word@mail.hotline.example/Reports", "imap://me:word@127.0.0.1:1143"):
        assert Settings.from_environ({"HOTLINE_IMAP_URL": url, **named}, Surface.OFFICE).imap_url == url
    with pytest.raises(SettingsError, match="HOTLINE_IMAP_URL must begin with imaps://"):
        Settings.from_environ({"HOTLINE_IMAP_URL": "imap://mail.hotline.example/", **named}, Surface.OFFICE)


def test_a_mailbox_is_not_read_while_nobody_says_who_confirms_its_senders() -> None:
    with pytest.raises(SettingsError, match="HOTLINE_IMAP_AUTHSERV"):
        Settings.from_environ({"HOTLINE_IMAP_URL": "imaps://mail.hotline.example/"}, Surface.OFFICE)


def test_the_three_settings_of_iccam_belong_together(tmp_path: Path) -> None:
    file = tmp_path / "client.pem"
    file.write_text("")
    three = {
        "HOTLINE_ICCAM_URL": "https://iccam.example/api",
        "HOTLINE_ICCAM_CERT": str(file),
        "HOTLINE_ICCAM_KEY": str(file),
    }

    for name in three:
        with pytest.raises(SettingsError, match="all three or none"):
            Settings.from_environ({one: value for one, value in three.items() if one != name}, Surface.OFFICE)

    assert Settings.from_environ(three, Surface.OFFICE).iccam_url == "https://iccam.example/api"
    assert Settings.from_environ({}, Surface.OFFICE).iccam_url == ""


@pytest.mark.parametrize(
    "proxy",
    ["http://proxy.example", "http://proxy.example:3128/path", "http://:3128", "http://p:x", "proxy.example:3128"],
)
def test_a_proxy_is_named_with_its_port_and_nothing_else(proxy: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_CHECK_PROXY"):
        Settings.from_environ({"HOTLINE_CHECK_PROXY": proxy}, Surface.OFFICE)

    good = "http://desk:p%40ss@proxy.example:3128"
    assert Settings.from_environ({"HOTLINE_CHECK_PROXY": good}, Surface.OFFICE).check_proxy == good
