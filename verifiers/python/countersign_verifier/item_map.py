"""Item heads: chains, the item map and its proofs, entries of the heads log (docs/record.md section 14)."""

from dataclasses import dataclass

from . import limits
from .errors import Malformed
from .hashing import digest_for

NOTHING = bytes(32)
_PRESENT, _EMPTY, _OTHER = 1, 2, 3
HEADS_ENTRY_BYTES = 73


@dataclass(frozen=True)
class MapProof:
    """A decoded proof: what hangs at the end of the path, and the siblings from the leaf up."""

    kind: int
    other_key: bytes
    other_value: bytes
    siblings: list[bytes]


@dataclass(frozen=True)
class HeadsEntry:
    """What an entry of the heads log binds together."""

    base_size: int
    base_root: bytes
    map_root: bytes


def extended_chain(chain: bytes, index: int, leaf: bytes) -> bytes:
    """chain_i after chain_{i-1}."""
    return digest_for("item-chain", chain, index.to_bytes(8, "big"), leaf)


def item_value(count: int, chain: bytes) -> bytes:
    """The value of an item with so many entries."""
    return digest_for("map-value", count.to_bytes(8, "big"), chain)


def map_leaf(key: bytes, value: bytes) -> bytes:
    """The hash of a subtree with one item."""
    return digest_for("map-leaf", key, value)


def map_node(left: bytes, right: bytes) -> bytes:
    """The hash of a subtree with more."""
    return digest_for("map-node", left, right)


def bit_of(key: bytes, depth: int) -> int:
    """The bit of a key at one depth, 0 left, 1 right."""
    return key[depth // 8] >> 7 - depth % 8 & 1


def read_map_proof(data: bytes) -> MapProof:
    """Decodes a proof, which has exactly one encoding."""
    kind, at = data[0] if data else 0, 1
    if kind not in (_PRESENT, _EMPTY, _OTHER):
        raise Malformed("it is no kind of map proof")
    other_key = other_value = b""
    if kind == _OTHER:
        other_key, other_value, at = data[1:33], data[33:65], 65
    if len(data) < at + 2:
        raise Malformed("the map proof ends too early")
    count = int.from_bytes(data[at : at + 2], "big")
    bitmap_bytes = (count + 7) // 8
    bitmap, rest = data[at + 2 : at + 2 + bitmap_bytes], data[at + 2 + bitmap_bytes :]
    if count > limits.MAP_SIBLINGS or len(bitmap) != bitmap_bytes:
        raise Malformed("the map proof has too many siblings, or no bitmap for them")
    empty = [bit_of(bitmap, at) == 1 for at in range(8 * bitmap_bytes)]
    if any(empty[count:]) or (count > 0 and empty[0]):
        raise Malformed("a spare bit is set, or the deepest sibling is empty")
    given = [rest[start : start + 32] for start in range(0, len(rest), 32)]
    if len(rest) != 32 * (count - sum(empty)) or NOTHING in given:
        raise Malformed("the map proof lists other siblings than its bitmap says")
    siblings = iter(given)
    return MapProof(kind, other_key, other_value, [NOTHING if is_empty else next(siblings) for is_empty in empty[:count]])


def verify_presence(key: bytes, value: bytes, data: bytes, root: bytes) -> None:
    """The map holds this item with this value."""
    proof = read_map_proof(data)
    if proof.kind != _PRESENT:
        raise Malformed("it is no proof of presence")
    _require_root(key, map_leaf(key, value), proof.siblings, root)


def verify_absence(key: bytes, data: bytes, root: bytes) -> None:
    """The map does not hold this item."""
    proof = read_map_proof(data)
    if proof.kind == _PRESENT:
        raise Malformed("it is no proof of absence")
    end = NOTHING
    if proof.kind == _OTHER:
        depth = len(proof.siblings)
        shared = all(bit_of(key, at) == bit_of(proof.other_key, at) for at in range(depth))
        if proof.other_key == key or not shared:
            raise Malformed("the other item does not hang where this one would")
        end = map_leaf(proof.other_key, proof.other_value)
    _require_root(key, end, proof.siblings, root)


def _require_root(key: bytes, end: bytes, siblings: list[bytes], root: bytes) -> None:
    node = end
    for at, sibling in enumerate(siblings):
        is_right = bit_of(key, len(siblings) - 1 - at) == 1
        node = map_node(sibling, node) if is_right else map_node(node, sibling)
    if node != root:
        raise Malformed("the map proof leads to another root")


def read_heads_entry(data: bytes) -> HeadsEntry:
    """Reads an entry of the heads log."""
    if len(data) != HEADS_ENTRY_BYTES or data[0] != 1:
        raise Malformed("it is no entry of a heads log")
    return HeadsEntry(int.from_bytes(data[1:9], "big"), data[9:41], data[41:])
