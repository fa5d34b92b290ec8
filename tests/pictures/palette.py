"""Pictures of a page need few colours: as PNGs with a palette they are a third as large."""

import base64
import struct
import zlib

from playwright.async_api import Browser

# Picks colours by how often they occur, none nearer to another than it must be so that 256 of them
# stand for all; the same picture always gives the same ones.
_REDUCE = """
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const counts = new Map();
  const at = (n) => (data[n] << 16) | (data[n + 1] << 8) | data[n + 2];
  for (let n = 0; n < data.length; n += 4) counts.set(at(n), (counts.get(at(n)) ?? 0) + 1);
  const all = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([colour]) => colour);
  const far = (a, b) => Math.abs((a >> 16) - (b >> 16)) + Math.abs((a >> 8 & 255) - (b >> 8 & 255))
    + Math.abs((a & 255) - (b & 255));
  let palette;
  for (let apart = 1; ; apart++) {
    palette = [];
    for (const colour of all) {
      if (palette.every((one) => far(one, colour) >= apart)) palette.push(colour);
      if (palette.length > 256) break;
    }
    if (palette.length <= 256) break;
  }
  const nearest = new Map(all.map((colour) => {
    let best = 0;
    palette.forEach((one, n) => { if (far(one, colour) < far(palette[best], colour)) best = n; });
    return [colour, best];
  }));
  const pixels = new Uint8Array(width * height);
  for (let n = 0; n < pixels.length; n++) pixels[n] = nearest.get(at(4 * n));
  let text = "";
  for (let n = 0; n < pixels.length; n += 0x8000) {
    text += String.fromCharCode(...pixels.subarray(n, n + 0x8000));
  }
  return { width, height, palette, pixels: btoa(text) };
}
"""


async def with_few_colours(browser: Browser, picture: bytes) -> bytes:
    """The PNG with at most 256 colours; the browser itself reads it."""
    page = await browser.new_page()
    try:
        address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        reduced = await page.evaluate(_REDUCE, address)
    finally:
        await page.close()
    width, height = reduced["width"], reduced["height"]
    pixels = base64.b64decode(reduced["pixels"])
    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    palette = b"".join(colour.to_bytes(3, "big") for colour in reduced["palette"])
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
