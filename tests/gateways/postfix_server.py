"""A real Postfix on loopback, in a folder of its own: takes letters, delivers them into Maildirs, and sends bounces."""

import os
import shlex
import shutil
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.processes import free_ports, wait_for

MASTER = Path("/usr/lib/postfix/sbin/master")
MISSING = (
    "Postfix is not installed, so nothing was proven on a real mail server. "
    "Install it with: sudo apt-get install --no-install-recommends postfix"
)
NOT_ROOT = "Postfix starts as root only: run the tests in a container, or as somebody whose sudo asks no password."
CONFIRMS = "mx.hotline.example; dmarc=pass header.from="
"""What it writes above letters of the domains it serves, as a server that checks DMARC does."""
SERVICES = (
    "smtpd inet n - n - - smtpd",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    *(f"{name} unix - - n - 0 bounce" for name in ("bounce", "defer", "trace")),
    *(f"{name} unix - - n - - error" for name in ("error", "retry")),
    "virtual unix - n n - - virtual",
    "proxymap unix - - n - - proxymap",
    "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
)


@dataclass
class Postfix:
    """A server that delivers what is for `mailboxes` (address to Maildir) and bounces the rest of their domains."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """The setting that names it."""
        return f"smtp://127.0.0.1:{self.port}"

    def post(self, sender: str, mailbox: str, message: bytes) -> None:
        """Hand in a letter, as anybody's mail program does. An empty sender is a program's."""
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="elsewhere.example", timeout=10) as line:
            line.sendmail(sender, [mailbox], message)

    def wait_until_it_said(self, words: str) -> None:
        """Wait until its log holds some words."""
        wait_for(lambda: words in self.log.read_text(), f"Postfix to say {words!r}")


@contextmanager
def postfix(mailboxes: Mapping[str, Path], *, size_limit: int = 10_240_000) -> Iterator[Postfix]:
    """Run a Postfix until the block ends. Fails the test where there is none, or it cannot be started."""
    if not MASTER.exists():
        pytest.fail(MISSING, pytrace=False)
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and (shutil.which("sudo") is None or subprocess.run([*as_root, "true"], check=False).returncode):
        pytest.fail(NOT_ROOT, pytrace=False)
    folder = Path(tempfile.mkdtemp(prefix="hotline-smtp-"))
    folder.chmod(0o755)
    port = free_ports()
    for part in ("config", "spool", "data"):
        (folder / part).mkdir()
    (folder / "config/main.cf").write_text(_main(folder, mailboxes, size_limit))
    (folder / "config/master.cf").write_text("\n".join((f"127.0.0.1:{port}" + SERVICES[0][5:], *SERVICES[1:], "")))
    log = folder / "log"
    prepare = f"chown postfix {folder}/data && touch {log} && chmod 644 {log} && postfix -c {folder}/config check"
    start = f"{prepare} && exec {MASTER} -c {folder}/config -d"
    process = subprocess.Popen([*as_root, "sh", "-c", start], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or _answers(port), "Postfix")
        assert process.poll() is None, log.read_text()
        yield Postfix(port, log)
    finally:
        running = folder / "spool/pid/master.pid"
        if running.exists():
            subprocess.run([*as_root, "kill", running.read_text().strip()], check=False)
        process.wait(timeout=30)
        subprocess.run([*as_root, "rm", "-rf", str(folder)], check=True)


def _main(folder: Path, mailboxes: Mapping[str, Path], size_limit: int) -> str:
    owner = "mail" if os.geteuid() == 0 else str(os.getuid())  # as the mailboxes of `imap_server`
    domains = sorted({address.partition("@")[2] for address in mailboxes})
    places = ", ".join(f"{{{address} = {str(place).strip('/')}/}}" for address, place in mailboxes.items())
    confirmed = ", ".join(f"{{{one} = PREPEND Authentication-Results: {CONFIRMS}{one}}}" for one in domains)
    uid, gid = (subprocess.check_output(["id", flag, owner], text=True).strip() for flag in ("-u", "-g"))
    return f"""
compatibility_level = 3.6
queue_directory = {shlex.quote(str(folder))}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {MASTER.parent}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.hotline.example
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtputf8_enable = no
message_size_limit = {size_limit}
virtual_mailbox_limit = 0
smtpd_client_restrictions =
smtpd_sender_restrictions = check_sender_access inline:{{{confirmed}}}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_reject_unlisted_recipient = no
virtual_mailbox_domains = {", ".join(domains)}
virtual_mailbox_base = /
virtual_mailbox_maps = inline:{{{places}}}
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            return line.recv(4) == b"220 "
    except OSError:
        return False
