"""What was erased, by a record that says so (docs/bundle.md section 3.5)."""

from .encoding import base64url
from .event_data import digest_of_disclosure
from .records import PlacedRecord
from .report import Report
from .system_records import ERASED


def verify_erasures(records: list[PlacedRecord], report: Report) -> None:
    """Checks every ``Erased`` record against the record that it names."""
    full: dict[tuple[bytes, bytes | None], PlacedRecord] = {}
    for one in records:
        if one.header is not None:
            full.setdefault((one.log.log_id, one.digest), one)  # Of a record that stands twice the first counts.
    for one in records:
        if one.header is None or not one.is_included or one.header.members["type"] != ERASED:
            continue
        fields = one.header.payload.fields
        target = full.get((one.log.log_id, bytes.fromhex(fields["recordDigest"])))
        _verify_erasure(one, target, base64url(bytes.fromhex(fields["sdDigest"])), report)


def _verify_erasure(erased: PlacedRecord, target: PlacedRecord | None, digest: str, report: Report) -> None:
    if target is None or target.header is None:
        report.not_checked("erasure", erased.subject, "the bundle does not hold the record that it speaks of")
    elif digest not in target.header.payload.digests:
        report.failed("erasure", erased.subject, "ALTERED", "it names a digest that its record does not have")
    elif digest in map(digest_of_disclosure, target.entry.disclosures):
        report.not_checked("erasure", erased.subject, "the disclosure that was erased is given all the same")
    else:
        report.passed("erasure", erased.subject)
        target.erased.add(digest)
