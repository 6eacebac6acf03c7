"""A reverse proxy as it stands before every real portal: it ends TLS, and says where visitors come from."""

import asyncio
import ssl
import threading
from contextlib import suppress
from typing import Self

OURS = (b"x-forwarded-", b"connection:")


class TlsProxy:
    """Takes TLS on a port of its own and hands each request on to `port`. One request a connection: slow and plain."""

    def __init__(self, tls: ssl.SSLContext, port: int) -> None:
        self._tls = tls
        self._port = port
        self._loop = asyncio.new_event_loop()
        self.address = ""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(60)
        self.address = f"https://localhost:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    async def _serve(self, visitor: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # a browser that hangs up
            request = await _rewritten(visitor, answer.get_extra_info("peername")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(request)
            while piece := await reader.read(65536):
                answer.write(piece)
                await answer.drain()
            writer.close()
        answer.close()


async def _rewritten(visitor: asyncio.StreamReader, address: str) -> bytes:
    """Read one request; return it as a proxy sends it on: what the visitor says about itself is not believed."""
    head = await visitor.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    kept = [line for line in lines if not line.lower().startswith(OURS)]
    added = [b"X-Forwarded-For: " + address.encode(), b"X-Forwarded-Proto: https", b"Connection: close"]
    return b"\r\n".join([first, *kept, *added]) + b"\r\n\r\n" + await visitor.readexactly(length)
