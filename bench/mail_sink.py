"""A mail server that takes everything and notes when: `python -m bench.mail_sink PORT FILE [SECONDS]`.

Each letter adds one line to FILE: the moment it was taken, and its Message-ID. It is answered SECONDS later (0 unless
said), as by a mail server across a network that writes it to disk first.
"""

import asyncio
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TextIO

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Accepts letters and writes them down as times and Message-IDs."""

    def __init__(self, notes: TextIO, pause: float) -> None:
        self._notes = notes
        self._pause = pause
        self._parser = BytesHeaderParser()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one letter."""
        assert isinstance(envelope.content, bytes)
        headers = self._parser.parsebytes(envelope.content)
        self._notes.write(f"{time.time():.6f} {headers['Message-ID']}\n")
        if self._pause:
            await asyncio.sleep(self._pause)
        return "250 taken"


async def serve(port: int, notes: TextIO, pause: float) -> None:
    """Serve until cancelled."""
    sink = Sink(notes, pause)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example", loop=loop), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", buffering=1) as notes:
        asyncio.run(serve(int(sys.argv[1]), notes, float(sys.argv[3]) if sys.argv[3:] else 0.0))
