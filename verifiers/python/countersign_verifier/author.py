"""Author signatures (docs/record.md section 13): their form. Nothing yet says whose key it is."""

import re

from .encoding import base64url_bytes
from .errors import Malformed
from .hashing import prefix
from .strict_json import canonical

_FORM = re.compile(r"([A-Za-z0-9_-]{1,128})\.EdDSA\.([A-Za-z0-9_-]{86})")


def read_author_signature(text: str) -> tuple[str, bytes]:
    """Key id and signature."""
    match = _FORM.fullmatch(text)
    if not match:
        raise Malformed("it is no author signature")
    return match[1], base64url_bytes(match[2], 64)


def author_message(command: dict) -> bytes:
    """What an author signs."""
    return prefix("author") + canonical(command)
