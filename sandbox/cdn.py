"""Attachment addresses, signed and expiring like Discord's, and the files behind them."""

import hashlib
import hmac
import re
import secrets
import struct
import zlib
from urllib.parse import quote, unquote

from aiohttp import web

from sandbox.model import Attachment
from sandbox.world import World

LIFETIME_SECONDS = 24 * 60 * 60
HEADERS = {
    # Files come from strangers and are served from the page's own origin: nothing in them may run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}


class Cdn:
    """Serves attachments; an address stops working a day of sandbox time after it was given."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base
        self._key = secrets.token_bytes(16)

    def _signature(self, path: str, expires: str) -> str:
        return hmac.new(self._key, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()[:32]

    def address(self, attachment: Attachment) -> str:
        """Where the file can be fetched for the next day."""
        name = quote(attachment.filename)
        path = f"attachments/{attachment.channel_id}/{attachment.id}/{name}"
        now = int(self._world.clock.now().timestamp())
        expires = f"{now + LIFETIME_SECONDS:x}"
        return f"{self._base}/{path}?ex={expires}&is={now:x}&hm={self._signature(path, expires)}&"

    def serve(self, request: web.Request, path: str) -> web.Response:
        """Answer a GET below the CDN's root; `path` is not yet unquoted."""
        if re.fullmatch(r"embed/avatars/\d+\.png", path):
            return web.Response(body=_AVATAR, content_type="image/png", headers=HEADERS)
        matched = re.fullmatch(r"attachments/(\d+)/(\d+)/([^/]+)", path)
        if matched is None:
            return web.Response(status=404, text="Not Found")
        attachment = self._world.attachments.get(int(matched[2]))
        expires = request.query.get("ex", "")
        signature = request.query.get("hm", "")
        if (
            attachment is None
            or attachment.channel_id != int(matched[1])
            or attachment.filename != unquote(matched[3])
            or not hmac.compare_digest(self._signature(path, expires), signature)
            or int(expires, 16) < self._world.clock.now().timestamp()
        ):
            return web.Response(status=404, text="This content is no longer available.")
        content_type = attachment.content_type.partition(";")[0]
        return web.Response(body=attachment.data, content_type=content_type, headers=HEADERS)


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or GIF; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None


def _png(pixels: int, colour: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * pixels) * pixels
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


_AVATAR = _png(64, b"\x58\x65\xf2")
