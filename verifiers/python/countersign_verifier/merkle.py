"""RFC 6962 trees over SHA-256 (docs/record.md section 7)."""

from .errors import Malformed
from .hashing import digest

EMPTY_ROOT = digest(b"")


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return digest(b"\0" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return digest(b"\1" + left + right)


def root_of(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes, level by level: a node without sibling rises unchanged."""
    if not leaves:
        return EMPTY_ROOT
    while len(leaves) > 1:
        pairs = [node_hash(leaves[at], leaves[at + 1]) for at in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(pairs) * 2 :]
    return leaves[0]


def verify_inclusion(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2: the leaf stands at this index of the tree of this size and root."""
    if index >= size:
        raise Malformed("the index is not below the size")
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Malformed("the proof is too long")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise Malformed("the proof is too short")
    if node != root:
        raise Malformed("the proof leads to another root")


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> None:
    """RFC 9162 section 2.1.4.2: the tree of size and root begins with the older one."""
    if old_size > size:
        raise Malformed("the older tree is larger")
    if old_size in (0, size):
        if path or old_root != (EMPTY_ROOT if old_size == 0 else root):
            raise Malformed("the trees differ")
        return
    nodes = list(path)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        raise Malformed("the proof is too short")
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise Malformed("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise Malformed("the proof is too short")
    if (old, new) != (old_root, root):
        raise Malformed("the proof leads to other roots")
