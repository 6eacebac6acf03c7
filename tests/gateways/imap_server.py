"""Mail servers for reading: a real Dovecot where it is installed, and one of our own that misbehaves as it is told."""

import os
import secrets
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.processes import free_ports, wait_for

MISSING = (
    "Dovecot is not installed, so nothing was proven on a real mail server. "
    "Install it with: sudo apt-get install --no-install-recommends dovecot-imapd"
)
USER, PASSWORD = "reports", "word with/signs@"
URL_PASSWORD = "word%20with%2Fsigns%40"


def letter(
    body: str = "Please look at https://a.example/1\n",
    *,
    sender: str = "Partner <reports@partner.example>",
    confirmed: str = "mx.hotline.example; dmarc=pass header.from=partner.example",
    more: str = "",
    kind: str = "text/plain; charset=utf-8",
    message_id: str = "",
) -> bytes:
    """Return a letter as it lies in a mailbox."""
    head = [f"Authentication-Results: {confirmed}"] if confirmed else []
    head += [f"From: {sender}", "To: reports@hotline.example", "Subject: Case 7"]
    head += [f"Message-ID: {message_id or f'<{secrets.token_hex(8)}@partner.example>'}", f"Content-Type: {kind}"]
    head += ["Content-Transfer-Encoding: 8bit", *more.splitlines()]
    return ("\n".join(head) + "\n\n" + body).replace("\n", "\r\n").encode()


@dataclass
class Dovecot:
    """A real server on loopback, with one user and folders as files."""

    port: int
    mail: Path

    def url(self, folder: str = "", password: str = URL_PASSWORD) -> str:
        """Return the setting that names a folder."""
        return f"imap://{USER}:{password}@127.0.0.1:{self.port}/{folder}"

    def put(self, *letters: bytes, folder: str = "") -> None:
        """Let letters arrive."""
        place = self.mail / (f".{folder}" if folder else "")
        for part in ("new", "cur", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        for one in letters:
            (place / "new" / secrets.token_hex(8)).write_bytes(one)
        _give(self.mail)

    def count(self, folder: str = "") -> int:
        """Return how many letters lie in a folder."""
        place = self.mail / (f".{folder}" if folder else "")
        return sum(len(list((place / part).glob("*"))) for part in ("new", "cur") if (place / part).is_dir())


def has_dovecot() -> bool:
    return shutil.which("dovecot") is not None


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a Dovecot until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-imap-"))
    port = free_ports()
    mail = folder / "mail"
    mail.mkdir()
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    config = folder / "dovecot.conf"
    config.write_text(_config(folder, port))
    folder.chmod(0o755)
    _give(mail)
    process = subprocess.Popen(["dovecot", "-F", "-c", str(config)], stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or _answers(port), "Dovecot")
        assert process.poll() is None, (folder / "log").read_text()
        yield Dovecot(port, mail)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _config(folder: Path, port: int) -> str:
    user, group = _owner()
    inner = "root" if os.geteuid() == 0 else user
    return f"""
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
base_dir = {folder}/run
log_path = {folder}/log
mail_location = maildir:{folder}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {"dovecot" if inner == "root" else user}
default_login_user = {"dovenull" if inner == "root" else user}
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def _owner() -> tuple[str, str]:
    return ("mail", "mail") if os.geteuid() == 0 else (str(os.getuid()), str(os.getgid()))


def _give(mail: Path) -> None:
    if os.geteuid() == 0:
        for path in (mail, *mail.rglob("*")):
            shutil.chown(path, "mail", "mail")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            return line.recv(4) == b"* OK"
    except OSError:
        return False


@dataclass
class Box:
    """What the server of our own holds and how it behaves. `letters` and `flagged` are by UID."""

    letters: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)  # what it says where that is a lie
    folders: dict[str, list[bytes]] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    valid: int = 7
    can_move: bool = True
    drop_body_after: int | None = None  # bytes of a letter, then it hangs up
    drop_before_move: bool = False
    asked: list[str] = field(default_factory=list)
    folder: str = "INBOX"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("* OK [CAPABILITY IMAP4rev1] here")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.box.asked.append(rest)
            if not self.answer(tag, rest):
                return

    @property
    def box(self) -> Box:
        return self.server.box  # type: ignore[attr-defined,no-any-return]

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, tag: str, rest: str) -> bool:
        words = rest.split(" ")
        match [word.upper() for word in words[:2]]:
            case ["CAPABILITY", *_]:
                self.say(f"* CAPABILITY IMAP4rev1{' MOVE' if self.box.can_move else ''}")
            case ["LOGIN", *_] if "wrong" in rest:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] no")
                return True
            case ["SELECT", *_]:
                if words[1].strip('"') != self.box.folder:
                    self.say(f"{tag} NO no such folder")
                    return True
                self.say(f"* {len(self.box.letters)} EXISTS\r\n* OK [UIDVALIDITY {self.box.valid}] valid")
            case ["UID", "SEARCH"]:
                uids = [str(uid) for uid in self.box.letters if uid not in self.box.flagged]
                self.say(f"* SEARCH {' '.join(uids)}".rstrip())
            case ["UID", "FETCH"]:
                if not self.fetch(int(words[2]), rest):
                    return False
            case ["UID", "MOVE"]:
                if self.box.drop_before_move:
                    return False
                self.box.folders.setdefault(words[3].strip('"'), []).append(self.box.letters.pop(int(words[2])))
            case ["UID", "STORE"]:
                self.box.flagged.add(int(words[2]))
            case ["LOGOUT", *_]:
                self.say(f"* BYE\r\n{tag} OK")
                return False
        self.say(f"{tag} OK done")
        return True

    def fetch(self, uid: int, rest: str) -> bool:
        raw = self.box.letters[uid]
        if "RFC822.SIZE" in rest:
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {self.box.sizes.get(uid, len(raw))})")
            return True
        is_header = "[HEADER]" in rest
        part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_header else raw
        announced = len(part) if is_header else self.box.sizes.get(-uid, len(part))
        self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{announced}}}\r\n".encode())
        if not is_header and self.box.drop_body_after is not None:
            self.wfile.write(part[: self.box.drop_body_after])
            return False
        self.wfile.write(part + b")\r\n")
        return True


class _Listening(socketserver.ThreadingTCPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who does not like our certificate hangs up, and tests see what the other side makes of it."""


class _Encrypted(_Listening):
    def finish_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Begin the encryption in the visitor's own thread."""
        with self.context.wrap_socket(request, server_side=True) as line:  # type: ignore[attr-defined]
            super().finish_request(line, client_address)


@contextmanager
def own_server(context: ssl.SSLContext | None = None) -> Iterator[tuple[str, Box]]:
    """Run the server of our own: yields the setting that names it, and what it holds. `context` is for TLS."""
    server = (_Encrypted if context else _Listening)(("127.0.0.1", 0), _Talk)
    server.context = context  # type: ignore[attr-defined]
    server.daemon_threads = True
    box = Box()
    server.box = box  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"imap://{USER}:{URL_PASSWORD}@127.0.0.1:{server.server_address[1]}/", box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
