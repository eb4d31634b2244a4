"""The checks of one stream: its item key, the order of its records, and whether they are all."""

from .bundle import AbsenceEntry, StreamEntry, StreamHead, StreamName
from .encoding import base64url
from .errors import Malformed
from .item_keys import item_key, verify_bucket
from .item_map import NOTHING, extended_chain, item_value, verify_absence, verify_presence
from .records import PlacedRecord, verify_record
from .report import Report
from .verify_log import EstablishedLog


def verify_stream(stream: StreamEntry, log: EstablishedLog, report: Report) -> list[PlacedRecord]:
    """Checks one stream of an established log."""
    subject = f"{log.subject} {stream.name.stream_id}"
    key = _verified_item_key(stream.name, subject, log, report)
    if key is None:
        return []
    placed = [verify_record(record, stream.name.stream_id, log, key, report) for record in stream.records]
    fault = _first_fault(placed)
    if fault is None:
        report.passed("stream-order", subject)
    else:
        report.failed("stream-order", subject, *fault)
    if log.registration.has_predecessor:
        report.not_checked("stream-order", subject, "this log continues another; what the stream held there is not in the bundle")
    if any(one.entry.anchored_time is not None for one in placed):
        report.not_checked("chain-head", subject, "the bundle asserts when its records were anchored; nothing in it proves that")
    _verify_completeness(subject, key, stream.head, placed, fault is None, log, report)
    return placed


def verify_absent(absence: AbsenceEntry, log: EstablishedLog, report: Report) -> None:
    """Checks that an established log holds no record of a stream."""
    subject = f"{log.subject} {absence.name.stream_id}"
    key = _verified_item_key(absence.name, subject, log, report)
    if key is None:
        return
    if log.map_root is None:
        report.not_checked("absence", subject, "the log has no item map for this checkpoint")
        return
    try:
        verify_absence(key, absence.proof, log.map_root)
    except Malformed as error:
        report.failed("absence", subject, "ALTERED", str(error))
        return
    if log.map_is_vouched_for:
        report.passed("absence", subject)
    else:
        report.not_checked("absence", subject, "asserted by the operator: no map checker vouches for the item map")


def _verified_item_key(name: StreamName, subject: str, log: EstablishedLog, report: Report) -> bytes | None:
    try:
        verify_bucket(name.stream_id, name.bucket_secret, name.bucket_proof, log.registration.item_commitment)
    except Malformed as error:
        report.failed("item-key", subject, "ALTERED", str(error))
        return None
    report.passed("item-key", subject)
    return item_key(name.stream_id, name.bucket_secret)


def _first_fault(placed: list[PlacedRecord]) -> tuple[str, str] | None:
    """The verdict and the reason of the first record that does not stand where it should."""
    if not placed:
        return "MISSING", "the stream has no record"
    # What cannot be read has no sequence and no fault of its own: it only takes its place.
    standing = {one.sequence for one in placed}
    for at, one in enumerate(placed):
        if one.sequence is None:
            continue
        verdict = _fault_of_sequence(at, one.sequence, standing) or (at and _fault_of_link(one, placed[at - 1]))
        if verdict:
            return verdict, f"record {at} (leaf {one.entry.index}) does not follow the one before it"
    return None


def _fault_of_sequence(expected: int, sequence: int, standing: set[int | None]) -> str | None:
    if sequence == expected:
        return None
    if sequence < expected:
        return "INSERTED"  # All below the expected one have been seen.
    return "REORDERED" if expected in standing else "MISSING"


def _fault_of_link(one: PlacedRecord, before: PlacedRecord) -> str | None:
    if one.entry.index <= before.entry.index:
        return "REORDERED"
    if one.header is None or before.digest is None:
        return None
    return None if one.header.members["prev"] == base64url(before.digest) else "ALTERED"


def _verify_completeness(
    subject: str,
    key: bytes,
    head: StreamHead | None,
    placed: list[PlacedRecord],
    is_ordered: bool,
    log: EstablishedLog,
    report: Report,
) -> None:
    if head is None or log.map_root is None:
        report.not_checked("completeness", subject, "head not yet published: no item head covers this checkpoint")
        return
    try:
        verify_presence(key, item_value(head.count, head.chain), head.proof, log.map_root)
    except Malformed as error:
        report.failed("completeness", subject, "ALTERED", str(error))
        return
    fault = _fault_of_count(head.count, placed)
    is_placed = is_ordered and all(one.is_included for one in placed)
    if fault is None and is_placed and _chain_of(placed) != head.chain:
        fault = "MISSING", "the log holds other records of this stream"
    if fault is not None:
        report.failed("completeness", subject, *fault)
    elif not is_placed:
        report.not_checked("completeness", subject, "a record of the stream does not stand where it should")
    elif not log.map_is_vouched_for:
        report.not_checked("completeness", subject, "asserted by the operator: no map checker vouches for the item map")
    else:
        report.passed("completeness", subject)


def _fault_of_count(count: int, placed: list[PlacedRecord]) -> tuple[str, str] | None:
    if count > len(placed):
        last = f"after leaf {placed[-1].entry.index}" if placed else "from the first one on"
        return "MISSING", f"the log holds {count} records of this stream: some are missing {last}"
    if count < len(placed):
        return "INSERTED", f"the log holds {count} records of this stream: leaf {placed[count].entry.index} is too many"
    return None


def _chain_of(placed: list[PlacedRecord]) -> bytes:
    chain = NOTHING
    for one in placed:
        chain = extended_chain(chain, one.entry.index, one.leaf or b"")
    return chain
