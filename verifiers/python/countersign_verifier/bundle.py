"""The proof bundle: a file with exactly one encoding (docs/bundle.md section 1)."""

from dataclasses import dataclass

from . import limits, names
from .encoding import decimal, hex_bytes, require_time
from .errors import Malformed, Unreadable
from .hashing import digest_for
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


@dataclass(frozen=True)
class LogEntry:
    """One of ``logs``."""

    log_id: bytes
    registration: str
    checkpoint: str
    anchored: Anchored | None


@dataclass(frozen=True)
class RecordEntry:
    """One of ``records``."""

    index: int
    header: str
    disclosures: list[str]
    path: list[bytes]
    anchored_time: str | None


@dataclass(frozen=True)
class StreamEntry:
    """One of ``streams``."""

    log_id: bytes
    stream_id: str
    bucket_secret: bytes
    bucket_proof: list[bytes]
    records: list[RecordEntry]


@dataclass(frozen=True)
class Bundle:
    """What a bundle says, and whether its seal is that of what it says."""

    kind: str
    value: str
    logs: list[LogEntry]
    streams: list[StreamEntry]
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
    content = members(file["bundle"], "bundle", ("version", "item", "logs", "streams"))
    if type(content["version"]) is not int or content["version"] != 1:
        raise Unreadable("the bundle is of another version")
    item = members(content["item"], "item", ("kind", "value"))
    return Bundle(
        form(item["kind"], "item.kind", lambda words: names.require(names.ITEM_KIND, words)),
        form(item["value"], "item.value", lambda words: names.require(names.VISIBLE_128, words)),
        [_log(entry, f"logs.{at}") for at, entry in enumerate(elements(content["logs"], "logs", limits.LOGS, 1))],
        [_stream(entry, f"streams.{at}") for at, entry in enumerate(elements(content["streams"], "streams", limits.STREAMS))],
        seal == digest_for("bundle", canonical(content)),
    )


def _log(value: object, where: str) -> LogEntry:
    entry = members(value, where, ("logId", "registration", "checkpoint"), ("anchored",))
    return LogEntry(
        hash_of(entry["logId"], f"{where}.logId"),
        text(entry["registration"], f"{where}.registration", limits.REGISTRATION_CHARACTERS),
        text(entry["checkpoint"], f"{where}.checkpoint", limits.CHECKPOINT_CHARACTERS),
        _anchored(entry["anchored"], f"{where}.anchored") if "anchored" in entry else None,
    )


def _anchored(value: object, where: str) -> Anchored:
    entry = members(value, where, ("chain", "size", "height", "root", "blockTime", "finality"))

    def printable(words: str) -> str:
        return names.require(names.PRINTABLE_200, words)

    return Anchored(
        form(entry["chain"], f"{where}.chain", printable),
        form(entry["size"], f"{where}.size", decimal),
        hash_of(entry["root"], f"{where}.root"),
        form(entry["height"], f"{where}.height", decimal),
        form(entry["blockTime"], f"{where}.blockTime", require_time),
        form(entry["finality"], f"{where}.finality", printable),
    )


def _stream(value: object, where: str) -> StreamEntry:
    entry = members(value, where, ("logId", "streamId", "bucketSecret", "bucketProof", "records"))
    proof = elements(entry["bucketProof"], f"{where}.bucketProof", limits.BUCKET_HASHES, limits.BUCKET_HASHES)
    records = elements(entry["records"], f"{where}.records", limits.RECORDS)
    return StreamEntry(
        hash_of(entry["logId"], f"{where}.logId"),
        form(entry["streamId"], f"{where}.streamId", names.require_stream_id),
        hash_of(entry["bucketSecret"], f"{where}.bucketSecret"),
        [hash_of(node, f"{where}.bucketProof") for node in proof],
        [_record(record, f"{where}.records.{at}") for at, record in enumerate(records)],
    )


def _record(value: object, where: str) -> RecordEntry:
    entry = members(value, where, ("index", "header", "disclosures", "path"), ("anchoredTime",))
    disclosures = elements(entry["disclosures"], f"{where}.disclosures", limits.DISCLOSURES)
    path = elements(entry["path"], f"{where}.path", limits.PATH_HASHES)
    return RecordEntry(
        form(entry["index"], f"{where}.index", decimal),
        text(entry["header"], f"{where}.header", limits.HEADER_CHARACTERS),
        [text(one, f"{where}.disclosures", limits.DISCLOSURE_CHARACTERS) for one in disclosures],
        [hash_of(node, f"{where}.path") for node in path],
        form(entry["anchoredTime"], f"{where}.anchoredTime", require_time) if "anchoredTime" in entry else None,
    )
