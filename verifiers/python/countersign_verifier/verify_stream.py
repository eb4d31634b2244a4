"""The checks of one stream: its item key, each of its records, and their order."""

from dataclasses import dataclass

from .bundle import RecordEntry, StreamEntry
from .encoding import base64url, base64url_bytes
from .errors import Malformed
from .event_data import Disclosure, open_all
from .header import Header, read_header, record_digest
from .item_keys import entry, item_key, verify_bucket
from .merkle import leaf_hash, verify_inclusion
from .report import Report
from .system_records import LOG_OPENED
from .verify_log import EstablishedLog


@dataclass(frozen=True)
class _Placed:
    """What the order of a stream rests on; a header that was refused has neither sequence nor ``prev`` that counts."""

    entry: RecordEntry
    digest: bytes
    header: Header | None


def verify_stream(stream: StreamEntry, log: EstablishedLog, report: Report) -> None:
    """Checks one stream of an established log."""
    subject = f"{log.registration.origin} {stream.stream_id}"
    try:
        verify_bucket(stream.stream_id, stream.bucket_secret, stream.bucket_proof, log.registration.item_commitment)
    except Malformed as error:
        report.failed("item-key", subject, "ALTERED", str(error))
        return
    report.passed("item-key", subject)
    key = item_key(stream.stream_id, stream.bucket_secret)
    placed = [_verify_record(record, stream, log, key, report) for record in stream.records]
    fault = _first_fault(placed)
    if fault is not None:
        report.failed("stream-order", subject, *fault)
    else:
        report.passed("stream-order", subject)
    _note_open(subject, placed, log, report)


def _note_open(subject: str, placed: list[_Placed], log: EstablishedLog, report: Report) -> None:
    if log.registration.has_predecessor:
        report.not_checked("stream-order", subject, "this log continues another; what the stream held there is not in the bundle")
    if any(one.entry.anchored_time is not None for one in placed):
        report.not_checked("chain-head", subject, "the bundle asserts when its records were anchored; nothing in it proves that")
    report.not_checked("completeness", subject, "no item head of a map checker covers this checkpoint")


def _verify_record(record: RecordEntry, stream: StreamEntry, log: EstablishedLog, key: bytes, report: Report) -> _Placed:
    subject = f"{log.registration.origin}#{record.index}"
    data = record.header.encode("utf-8")
    try:
        header = read_header(data, log.registration.has_predecessor)
        _require_place(header, record, stream, log)
    except Malformed as error:
        report.failed("record-header", subject, "ALTERED", str(error))
        return _Placed(record, record_digest(data), None)
    report.passed("record-header", subject)
    _verify_inclusion(subject, record, header, log, key, report)
    opened = _open_disclosures(subject, record, header, report)
    report.not_checked("author-signature", subject, "author signatures are reserved")
    report.records.append(_described(record, header, opened, log, stream))
    return _Placed(record, header.digest, header)


def _require_place(header: Header, record: RecordEntry, stream: StreamEntry, log: EstablishedLog) -> None:
    members = header.members
    if members["source"] != log.registration.origin:
        raise Malformed("the header names another log")
    if members["subject"] != stream.stream_id:
        raise Malformed("the header names another stream")
    if members["type"] == LOG_OPENED and (record.index != 0 or header.payload.fields["logId"] != log.log_id.hex()):
        raise Malformed("it opens another log, or not at leaf 0")


def _verify_inclusion(
    subject: str, record: RecordEntry, header: Header, log: EstablishedLog, key: bytes, report: Report
) -> None:
    claim = None if header.claim is None else base64url_bytes(header.claim, 32)
    leaf = leaf_hash(entry(key, header.sequence, header.digest, claim))
    try:
        verify_inclusion(record.index, log.checkpoint.size, leaf, record.path, log.checkpoint.root)
    except Malformed as error:
        report.failed("inclusion", subject, "ALTERED", str(error))
    else:
        report.passed("inclusion", subject)


def _open_disclosures(subject: str, record: RecordEntry, header: Header, report: Report) -> list[Disclosure]:
    opened: list[Disclosure] = []
    try:
        opened = open_all(record.disclosures, header.payload, header.claim)
        report.passed("disclosures", subject)
    except Malformed as error:
        report.failed("disclosures", subject, "ALTERED", str(error))
    named = len(header.payload.digests)
    if len(opened) < named:
        report.not_checked("disclosures", subject, f"WITHHELD: {named - len(opened)} of {named} disclosures were not opened")
    return opened


def _first_fault(placed: list[_Placed]) -> tuple[str, str] | None:
    """The verdict and the reason of the first record that does not stand where it should."""
    if not placed:
        return "MISSING", "the stream has no record"
    sequences = [at if one.header is None else one.header.sequence for at, one in enumerate(placed)]
    standing = set(sequences)
    for at, one in enumerate(placed):
        verdict = _fault_of_sequence(at, sequences[at], standing) or _fault_of_link(one, placed[at - 1] if at else None)
        if verdict:
            return verdict, f"record {at} (leaf {one.entry.index}) does not follow the one before it"
    return None


def _fault_of_sequence(expected: int, sequence: int, standing: set[int]) -> str | None:
    if sequence == expected:
        return None
    if sequence < expected:
        return "INSERTED"  # All below the expected one have been seen.
    return "REORDERED" if expected in standing else "MISSING"


def _fault_of_link(one: _Placed, before: _Placed | None) -> str | None:
    if before is None:
        return None
    if one.entry.index <= before.entry.index:
        return "REORDERED"
    if one.header is not None and one.header.members["prev"] != base64url(before.digest):
        return "ALTERED"
    return None


def _described(
    record: RecordEntry, header: Header, opened: list[Disclosure], log: EstablishedLog, stream: StreamEntry
) -> dict:
    members = header.members
    data = dict(header.payload.fields)
    for disclosure in opened:
        if disclosure.group != "claim":
            data.update(disclosure.members)
    described = {
        "log": log.registration.origin,
        "index": record.index,
        "streamId": stream.stream_id,
        "sequence": header.sequence,
        "eventId": members["id"],
        "type": members["type"],
        "eventTime": members["time"],
        "recordedTime": members["recordedtime"],
        "anchoredTime": record.anchored_time,
        "actor": members["actor"],
        "actingFor": members["actingfor"],
        "label": members["label"],
        "data": data,
        "withheld": len(header.payload.digests) - len(opened),
    }
    return {name: value for name, value in described.items() if value is not None}
