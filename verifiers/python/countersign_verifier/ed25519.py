"""Strict RFC 8032 Ed25519 (docs/record.md section 10).

``cryptography`` computes ``[S]B - [k]A`` without the cofactor and compares its canonical encoding with the bytes of R, so a
signature with another encoding of R is refused. It does not judge the key: encodings of y that are not below p, the sign of
x = 0 and points of small order are refused here, before a key is used for anything.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import Malformed

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)


@lru_cache(maxsize=4096)
def is_acceptable_key(key: bytes) -> bool:
    """Whether these bytes are the canonical encoding of a point of the curve that is not of small order."""
    point = _decoded(key)
    if point is None:
        return False
    for _ in range(3):
        point = _doubled(*point)
    return point[0] != 0  # Eight times the point: x is 0 for the identity, and at no other multiple of eight.


def _decoded(key: bytes) -> tuple[int, int] | None:
    if len(key) != 32:
        return None
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    # RFC 8032 section 5.1.3: x^2 = u / v, and the square root of it, if there is one.
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    return (_P - x if x & 1 != sign else x), y


def _doubled(x: int, y: int) -> tuple[int, int]:
    product = _D * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, _P) % _P,
        (y * y + x * x) * pow(1 - product, -1, _P) % _P,
    )


def require_key(key: bytes) -> bytes:
    """The key, if it is acceptable."""
    if not is_acceptable_key(key):
        raise Malformed("it is no acceptable Ed25519 key")
    return key


def is_signature(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an acceptable key signed exactly this message."""
    if not is_acceptable_key(key) or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= _ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
