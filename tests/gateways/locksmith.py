"""Keys made with the programs that recipients use, and letters opened with them: gpg and openssl."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAILBOX = "desk@police.example"


@dataclass(frozen=True)
class Gpg:
    """A keyring of somebody else's, with one key of its own."""

    home: Path
    public: str

    def open(self, armored: bytes) -> bytes:
        """Decrypt."""
        return run("gpg", "--homedir", str(self.home), "--batch", "--quiet", "--decrypt", given=armored)


@dataclass(frozen=True)
class Openssl:
    """A certificate and its private key."""

    folder: Path
    public: str

    def open(self, message: bytes) -> bytes:
        """Decrypt a whole message."""
        command = ["smime", "-decrypt", "-inkey", str(self.folder / "key.pem"), "-recip", str(self.folder / "cert.pem")]
        return run("openssl", *command, given=message)


@contextmanager
def gpg() -> Iterator[Gpg]:
    """Make a key as gpg does when nobody says how, in a keyring that is thrown away."""
    home = Path(tempfile.mkdtemp(prefix="gpg-"))  # short: the agent's socket lies in it
    home.chmod(0o700)
    where = ("--homedir", str(home), "--batch", "--quiet")
    try:
        run("gpg", *where, "--passphrase", "", "--quick-generate-key", f"Desk <{MAILBOX}>", "default", "default", "1y")
        yield Gpg(home, run("gpg", *where, "--armor", "--export", MAILBOX).decode())
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def openssl(folder: Path) -> Openssl:
    """Make a certificate that says itself who it is."""
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "30", "-nodes"]
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-subj", f"/CN=Desk/emailAddress={MAILBOX}", *made)
    return Openssl(folder, (folder / "cert.pem").read_text())


def run(*command: str, given: bytes = b"") -> bytes:
    """Run a program; what it says is part of the failure."""
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
