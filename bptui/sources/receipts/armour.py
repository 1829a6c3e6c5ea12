"""A receipt as a few lines of text that survive a terminal: copied from one screen, pasted into another.

Between two marked lines stands the receipt, compressed, in base64; the second one has its checksum. How the lines are
broken, indented, quoted or padded does not matter, nor what stands around them.
"""

from __future__ import annotations

import base64
import re
import zlib
from hashlib import blake2b

from bptui.session.toml_values import TomlError

MOST = 60_000  # characters: a terminal over SSH takes 64 KB of a paste
UNPACKED = 2_000_000  # bytes of a receipt
WIDEST = 76  # characters of a line
VERSION = 1
_BEGIN, _END = "-----BEGIN BPTUI RUN", "-----END BPTUI RUN"
_OTHERS = re.compile(r"[^A-Za-z0-9+/=]+")
_FORMAT = re.compile(r"\s*format\s*=\s*\d")
_BEGINS, _ENDS = re.compile(rf"{_BEGIN} (\d{{1,9}})-----"), re.compile(rf"{_END} ([0-9a-f]{{8}})-----")


def armoured(receipt: str, width: int = WIDEST) -> list[str]:
    """A receipt as lines of at most `width` characters, the markers apart. Raises ValueError if it is too long."""
    packed = base64.b64encode(zlib.compress(receipt.encode(), 9)).decode()
    width = max(1, min(width, WIDEST))
    lines = [packed[k : k + width] for k in range(0, len(packed), width)]
    found = [f"{_BEGIN} {VERSION}-----", *lines, f"{_END} {_checksum(packed)}-----"]
    if len(receipt.encode()) > UNPACKED or characters(found) > MOST:
        raise ValueError(f"this is too much to be pasted: more than {MOST} characters")
    return found


def characters(lines: list[str]) -> int:
    """How many characters there are to copy, the ends of the lines among them."""
    return sum(len(line) + 1 for line in lines)


def is_armoured(text: str) -> bool:
    """Whether a text has the beginning or the end of one, and is no receipt as it is."""
    return (_BEGIN in text or _END in text) and not is_plain(text)


def is_plain(text: str) -> bool:
    """Whether a text begins as a receipt does."""
    return _FORMAT.match(text) is not None


def is_whole(text: str) -> bool:
    """Whether both are there."""
    begin = _BEGINS.search(text)
    return begin is not None and _ENDS.search(text, begin.end()) is not None


def is_end(line: str) -> bool:
    """Whether a line is the last one."""
    return _ENDS.search(line) is not None


def unarmoured(text: str) -> str:
    """The receipt. Raises TomlError: what is wrong with the text, in one line."""
    begin = _BEGINS.search(text)
    if begin is None:
        raise TomlError(f"the first line is missing: it is {_BEGIN} {VERSION}-----")
    if int(begin[1]) > VERSION:
        raise TomlError(f"is of a newer bptui: its text is of kind {int(begin[1])}, this one knows {VERSION}")
    end = _ENDS.search(text, begin.end())
    if end is None:
        raise TomlError(f"the last line is missing: it begins with {_END}")
    packed = _OTHERS.sub("", text[begin.end() : end.start()])
    if _checksum(packed) != end[1]:
        raise TomlError("the text between its first and its last line is not as it was copied")
    unpack = zlib.decompressobj()
    try:
        receipt = unpack.decompress(base64.b64decode(packed, validate=True), UNPACKED).decode()
    except (ValueError, zlib.error):  # its checksum was made to fit
        raise TomlError("holds no run") from None
    if not unpack.eof:
        raise TomlError(f"holds more than {UNPACKED} bytes, or not all of a run")
    return receipt


def _checksum(packed: str) -> str:
    return blake2b(packed.encode(), digest_size=4).hexdigest()
