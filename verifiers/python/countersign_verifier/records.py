"""The checks of one record, in full or bare."""

from dataclasses import dataclass, field

from .bundle import RecordEntry
from .encoding import base64url_bytes
from .errors import Malformed
from .event_data import Disclosure, open_all
from .header import Header, read_header, record_digest
from .item_keys import entry, read_entry
from .merkle import leaf_hash, verify_inclusion
from .report import Report
from .system_records import LOG_OPENED
from .verify_log import EstablishedLog


@dataclass
class PlacedRecord:
    """A record of a stream, and what of it could be read. ``digest`` is that of the record, ``leaf`` its leaf hash."""

    entry: RecordEntry
    subject: str
    log: EstablishedLog
    digest: bytes | None
    header: Header | None = None
    sequence: int | None = None
    leaf: bytes | None = None
    is_included: bool = False
    opened: list[Disclosure] = field(default_factory=list)
    is_altered: bool = False
    erased: set[str] = field(default_factory=set)

    @property
    def withheld(self) -> int:
        """How many digests are neither erased nor have a disclosure; one that is given counts, whatever it is."""
        named = 0 if self.header is None else len(self.header.payload.digests)
        return max(0, named - len(self.entry.disclosures) - len(self.erased))


def verify_record(record: RecordEntry, stream_id: str, log: EstablishedLog, key: bytes, report: Report) -> PlacedRecord:
    """Checks header, place and disclosures."""
    subject = f"{log.subject}#{record.index}"
    report.named.setdefault(subject, {"leaf": record.index})
    if record.header is None:
        return _verify_bare(record, subject, log, key, report)
    data = record.header.encode("utf-8")
    try:
        header = read_header(data, log.registration.has_predecessor)
        _require_place(header, record, stream_id, log)
    except Malformed as error:
        report.failed("record-header", subject, "ALTERED", str(error))
        return PlacedRecord(record, subject, log, record_digest(data))
    report.passed("record-header", subject)
    report.named[subject] = {"leaf": record.index, "eventId": header.members["id"]}
    claim = None if header.claim is None else base64url_bytes(header.claim, 32)
    leaf = leaf_hash(entry(key, header.sequence, header.digest, claim))
    placed = PlacedRecord(record, subject, log, header.digest, header, header.sequence, leaf)
    placed.is_included = _verify_inclusion(placed, report)
    _open_disclosures(placed, header, report)
    report.not_checked("author-signature", subject, "author signatures are reserved")
    return placed


def _verify_bare(record: RecordEntry, subject: str, log: EstablishedLog, key: bytes, report: Report) -> PlacedRecord:
    report.not_checked("record-header", subject, "WITHHELD: the record is given as its entry alone")
    placed = PlacedRecord(record, subject, log, None)
    try:
        read = read_entry(record.entry or b"")
    except Malformed as error:
        report.failed("inclusion", subject, "ALTERED", str(error))
        return placed
    placed.digest, placed.sequence, placed.leaf = read.record_digest, read.sequence, leaf_hash(record.entry or b"")
    if read.item_key != key:
        report.failed("inclusion", subject, "ALTERED", "the entry is of another item")
        return placed
    placed.is_included = _verify_inclusion(placed, report)
    return placed


def _require_place(header: Header, record: RecordEntry, stream_id: str, log: EstablishedLog) -> None:
    members = header.members
    if members["source"] != log.registration.origin:
        raise Malformed("the header names another log")
    if members["subject"] != stream_id:
        raise Malformed("the header names another stream")
    if members["type"] == LOG_OPENED and (record.index != 0 or header.payload.fields["logId"] != log.log_id.hex()):
        raise Malformed("it opens another log, or not at leaf 0")


def _verify_inclusion(placed: PlacedRecord, report: Report) -> bool:
    tree = placed.log.checkpoint
    try:
        verify_inclusion(placed.entry.index, tree.size, placed.leaf or b"", placed.entry.path, tree.root)
    except Malformed as error:
        placed.is_altered = True
        report.failed("inclusion", placed.subject, "ALTERED", str(error))
        return False
    report.passed("inclusion", placed.subject)
    return True


def _open_disclosures(placed: PlacedRecord, header: Header, report: Report) -> None:
    try:
        placed.opened = open_all(placed.entry.disclosures, header.payload, header.claim)
        report.passed("disclosures", placed.subject)
    except Malformed as error:
        placed.is_altered = True
        report.failed("disclosures", placed.subject, "ALTERED", str(error))


def note_withheld(placed: PlacedRecord, report: Report) -> None:
    """Counts what is neither given nor erased; only once all erasures are known."""
    if placed.withheld:
        report.not_checked("disclosures", placed.subject, f"WITHHELD: {placed.withheld} disclosures were not given")


def described(placed: PlacedRecord, header: Header) -> dict:
    """The record as the report names it."""
    members, data = header.members, dict(header.payload.fields)
    for disclosure in placed.opened:
        if disclosure.group != "claim":
            data.update(disclosure.members)
    told = {
        "log": placed.log.subject,
        "index": placed.entry.index,
        "streamId": members["subject"],
        "sequence": header.sequence,
        "eventId": members["id"],
        "type": members["type"],
        "eventTime": members["time"],
        "recordedTime": members["recordedtime"],
        "anchoredTime": placed.entry.anchored_time,
        "actor": members["actor"],
        "actingFor": members["actingfor"],
        "label": members["label"],
        "data": data,
        "withheld": placed.withheld,
        "erased": len(placed.erased),
        "verdict": _verdict(placed),
    }
    return {name: value for name, value in told.items() if value is not None}


def _verdict(placed: PlacedRecord) -> str:
    if placed.is_altered:
        return "ALTERED"
    if placed.erased and not placed.withheld:
        return "ERASED_OK"
    return "OK" if placed.log.is_vouched_for else "PENDING"
