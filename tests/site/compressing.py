"""A server that behaves as GitHub Pages does: it compresses, and lets browsers keep files."""

from __future__ import annotations

import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

# What the hosts of static sites compress; pictures and fonts are compressed already.
TEXTS = {".html", ".css", ".js", ".svg", ".json", ".xml", ".txt", ".inv"}
# For ten minutes GitHub's browser asks for nothing again; after that, whether it changed.
FRESH, STALE = "max-age=600", "max-age=0"


@dataclass
class Served:
    """What a server sent: bytes by path, with their heads, and the status of each answer."""

    address: str = ""
    kept: str = FRESH
    sent: dict[str, int] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)

    def forget(self) -> None:
        """Begin to count anew."""
        self.sent.clear()
        self.answers.clear()

    @property
    def bytes(self) -> int:
        return sum(self.sent.values())


@cache
def compressed(path: Path) -> bytes:
    """The file as it travels, at the level that hosts use."""
    data = path.read_bytes()
    return gzip.compress(data, 6, mtime=0) if path.suffix in TEXTS else data


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, folder: Path, served: Served) -> None:
        self.folder, self.served = folder, served
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = self.folder / unquote(urlsplit(self.path).path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self._answer(404, b"", {"Content-Type": "text/plain"})
            return
        body = compressed(path)
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        heads = {"ETag": tag, "Cache-Control": self.served.kept, "Content-Type": kind}
        if path.suffix in TEXTS:
            heads |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            heads["Content-Type"] += "; charset=utf-8"
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, b"", heads)
        else:
            self._answer(200, body, heads)

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, status: int, body: bytes, heads: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        size = sum(map(len, self._headers_buffer)) + len(body)
        self.served.answers.append((status, self.path))
        self.served.sent[self.path] = self.served.sent.get(self.path, 0) + size
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def compressing(folder: Path, *, kept: str = FRESH) -> Iterator[Served]:
    """A server of a folder on this machine, and what it has sent."""
    served = Served(kept=kept)
    handler = partial(_Handler, folder=folder, served=served)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        served.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
