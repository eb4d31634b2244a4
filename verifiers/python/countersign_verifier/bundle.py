"""The proof bundle: a file with exactly one encoding (docs/bundle.md section 1)."""

from dataclasses import dataclass

from . import limits, names
from .encoding import base64_bytes, decimal, hex_bytes, require_time
from .errors import Malformed, Unreadable
from .hashing import digest_for
from .item_keys import ENTRY_BYTES
from .item_map import HEADS_ENTRY_BYTES
from .shape import elements, form, hash_of, members, text
from .strict_json import canonical, parse_canonical, refuse_costly


@dataclass(frozen=True)
class Anchored:
    """The head that the bundle says the chain stored."""

    chain: str
    size: int
    root: bytes
    height: int
    block_time: str
    finality: str
    evidence_kind: str | None


@dataclass(frozen=True)
class EarlierHead:
    """One of ``earlier``."""

    size: int
    path: list[bytes]
    checkpoint: str | None


@dataclass(frozen=True)
class HeadsProof:
    """What the heads log says of the base checkpoint."""

    checkpoint: str
    index: int
    entry: bytes
    path: list[bytes]


@dataclass(frozen=True)
class LogEntry:
    """One of ``logs``."""

    log_id: bytes
    registration: str
    checkpoint: str
    anchored: Anchored | None
    earlier: list[EarlierHead]
    heads: HeadsProof | None


@dataclass(frozen=True)
class RecordEntry:
    """One of ``records``: in full with a header, or bare with an entry."""

    index: int
    path: list[bytes]
    header: str | None
    entry: bytes | None
    disclosures: list[str]
    anchored_time: str | None


@dataclass(frozen=True)
class StreamHead:
    """What the item map is said to hold of a stream."""

    count: int
    chain: bytes
    proof: bytes


@dataclass(frozen=True)
class StreamName:
    """A stream of a log, with what shows its item key."""

    log_id: bytes
    stream_id: str
    bucket_secret: bytes
    bucket_proof: list[bytes]


@dataclass(frozen=True)
class StreamEntry:
    """One of ``streams``."""

    name: StreamName
    records: list[RecordEntry]
    head: StreamHead | None


@dataclass(frozen=True)
class AbsenceEntry:
    """One of ``absences``."""

    name: StreamName
    proof: bytes


@dataclass(frozen=True)
class Bundle:
    """What a bundle says, and whether its seal is that of what it says."""

    kind: str
    value: str
    logs: list[LogEntry]
    streams: list[StreamEntry]
    absences: list[AbsenceEntry]
    sealed: bool


def read_bundle(data: bytes) -> Bundle:
    """Reads the bytes of a bundle file; raises Unreadable if they are none."""
    if len(data) > limits.BUNDLE_BYTES:
        raise Unreadable("the bundle is too large")
    try:
        refuse_costly(data)
        parsed = parse_canonical(data)
    except Malformed as error:
        raise Unreadable(f"the bundle: {error}") from error
    file = members(parsed, "the file", ("bundle", "sha256"))
    seal = form(file["sha256"], "sha256", lambda words: hex_bytes(words, 32))
    content = members(file["bundle"], "bundle", ("version", "item", "logs", "streams"), ("absences",))
    if type(content["version"]) is not int or content["version"] != 1:
        raise Unreadable("the bundle is of another version")
    item = members(content["item"], "item", ("kind", "value"))
    logs = elements(content["logs"], "logs", limits.LOGS, 1)
    streams = elements(content["streams"], "streams", limits.STREAMS)
    absences = elements(content["absences"], "absences", limits.ABSENCES, 1) if "absences" in content else []
    return Bundle(
        form(item["kind"], "item.kind", lambda words: names.require(names.KIND, words)),
        form(item["value"], "item.value", lambda words: names.require(names.VISIBLE_128, words)),
        [_log(entry, f"logs.{at}") for at, entry in enumerate(logs)],
        [_stream(entry, f"streams.{at}") for at, entry in enumerate(streams)],
        [_absence(entry, f"absences.{at}") for at, entry in enumerate(absences)],
        seal == digest_for("bundle", canonical(content)),
    )


def _log(value: object, where: str) -> LogEntry:
    entry = members(value, where, ("logId", "registration", "checkpoint"), ("anchored", "earlier", "heads"))
    return LogEntry(
        hash_of(entry["logId"], f"{where}.logId"),
        text(entry["registration"], f"{where}.registration", limits.REGISTRATION_CHARACTERS),
        text(entry["checkpoint"], f"{where}.checkpoint", limits.CHECKPOINT_CHARACTERS),
        _anchored(entry["anchored"], f"{where}.anchored") if "anchored" in entry else None,
        _earlier(entry["earlier"], f"{where}.earlier") if "earlier" in entry else [],
        _heads(entry["heads"], f"{where}.heads") if "heads" in entry else None,
    )


def _anchored(value: object, where: str) -> Anchored:
    entry = members(value, where, ("chain", "size", "height", "root", "blockTime", "finality"), ("evidence",))

    def printable(words: str) -> str:
        return names.require(names.PRINTABLE_200, words)

    return Anchored(
        form(entry["chain"], f"{where}.chain", printable),
        form(entry["size"], f"{where}.size", decimal),
        hash_of(entry["root"], f"{where}.root"),
        form(entry["height"], f"{where}.height", decimal),
        form(entry["blockTime"], f"{where}.blockTime", require_time),
        form(entry["finality"], f"{where}.finality", printable),
        _evidence_kind(entry["evidence"], f"{where}.evidence") if "evidence" in entry else None,
    )


def _evidence_kind(value: object, where: str) -> str:
    entry = members(value, where, ("kind", "data"))
    form(text(entry["data"], f"{where}.data", limits.EVIDENCE_CHARACTERS, 1), f"{where}.data", base64_bytes)
    return form(entry["kind"], f"{where}.kind", lambda words: names.require(names.KIND, words))


def _earlier(value: object, where: str) -> list[EarlierHead]:
    heads = [_earlier_head(one, f"{where}.{at}") for at, one in enumerate(elements(value, where, limits.EARLIER, 1))]
    if any(one.size >= later.size for one, later in zip(heads, heads[1:])):
        raise Unreadable(f"{where} does not rise")
    return heads


def _earlier_head(value: object, where: str) -> EarlierHead:
    entry = members(value, where, ("size", "path"), ("checkpoint",))
    size = form(entry["size"], f"{where}.size", decimal)
    if size == 0:
        raise Unreadable(f"{where}.size is 0")
    note = entry.get("checkpoint")
    return EarlierHead(
        size,
        _path(entry["path"], f"{where}.path"),
        text(note, f"{where}.checkpoint", limits.CHECKPOINT_CHARACTERS) if "checkpoint" in entry else None,
    )


def _heads(value: object, where: str) -> HeadsProof:
    entry = members(value, where, ("checkpoint", "index", "entry", "path"))
    return HeadsProof(
        text(entry["checkpoint"], f"{where}.checkpoint", limits.CHECKPOINT_CHARACTERS),
        form(entry["index"], f"{where}.index", decimal),
        form(entry["entry"], f"{where}.entry", lambda words: base64_bytes(words, HEADS_ENTRY_BYTES)),
        _path(entry["path"], f"{where}.path"),
    )


def _path(value: object, where: str) -> list[bytes]:
    return [hash_of(node, where) for node in elements(value, where, limits.PATH_HASHES)]


def _map_proof(value: object, where: str) -> bytes:
    return form(text(value, where, limits.MAP_PROOF_CHARACTERS, 1), where, base64_bytes)


def _name(entry: dict, where: str) -> StreamName:
    proof = elements(entry["bucketProof"], f"{where}.bucketProof", limits.BUCKET_HASHES, limits.BUCKET_HASHES)
    return StreamName(
        hash_of(entry["logId"], f"{where}.logId"),
        form(entry["streamId"], f"{where}.streamId", names.require_stream_id),
        hash_of(entry["bucketSecret"], f"{where}.bucketSecret"),
        [hash_of(node, f"{where}.bucketProof") for node in proof],
    )


def _stream(value: object, where: str) -> StreamEntry:
    entry = members(value, where, ("logId", "streamId", "bucketSecret", "bucketProof", "records"), ("head",))
    records = elements(entry["records"], f"{where}.records", limits.RECORDS)
    return StreamEntry(
        _name(entry, where),
        [_record(record, f"{where}.records.{at}") for at, record in enumerate(records)],
        _head(entry["head"], f"{where}.head") if "head" in entry else None,
    )


def _head(value: object, where: str) -> StreamHead:
    entry = members(value, where, ("count", "chain", "proof"))
    return StreamHead(
        form(entry["count"], f"{where}.count", decimal),
        hash_of(entry["chain"], f"{where}.chain"),
        _map_proof(entry["proof"], f"{where}.proof"),
    )


def _absence(value: object, where: str) -> AbsenceEntry:
    entry = members(value, where, ("logId", "streamId", "bucketSecret", "bucketProof", "proof"))
    return AbsenceEntry(_name(entry, where), _map_proof(entry["proof"], f"{where}.proof"))


def _record(value: object, where: str) -> RecordEntry:
    if isinstance(value, dict) and "header" not in value:
        entry = members(value, where, ("index", "path", "entry"))
        bare = form(entry["entry"], f"{where}.entry", lambda words: base64_bytes(words, ENTRY_BYTES))
        return RecordEntry(_index(entry, where), _path(entry["path"], f"{where}.path"), None, bare, [], None)
    entry = members(value, where, ("index", "header", "disclosures", "path"), ("anchoredTime",))
    disclosures = elements(entry["disclosures"], f"{where}.disclosures", limits.DISCLOSURES)
    return RecordEntry(
        _index(entry, where),
        _path(entry["path"], f"{where}.path"),
        text(entry["header"], f"{where}.header", limits.HEADER_CHARACTERS),
        None,
        [text(one, f"{where}.disclosures", limits.DISCLOSURE_CHARACTERS) for one in disclosures],
        form(entry["anchoredTime"], f"{where}.anchoredTime", require_time) if "anchoredTime" in entry else None,
    )


def _index(entry: dict, where: str) -> int:
    return form(entry["index"], f"{where}.index", decimal)
