"""Verifies one bundle with one trust file: bytes in, a report out."""

from base64 import b64encode

from .bundle import Bundle, read_bundle
from .report import FAIL, Report
from .trust import Trust, read_trust
from .verify_log import EstablishedLog, verify_log
from .verify_stream import verify_stream


def verify_bundle(bundle_bytes: bytes, trust_bytes: bytes) -> Report:
    """Checks everything; raises Unreadable if one of the files is not what it claims to be."""
    trust = read_trust(trust_bytes)
    bundle = read_bundle(bundle_bytes)
    report = Report(f"{bundle.kind} {bundle.value}")
    if bundle.sealed:
        report.passed("bundle-seal", "bundle")
    else:
        report.failed("bundle-seal", "bundle", "ALTERED", "the seal does not match the content")
    logs = _verify_logs(bundle, trust, report)
    _verify_streams(bundle, logs, report)
    report.not_checked("completeness", "bundle", "the item is a label: nothing proves that these are its streams, or all of them")
    _judge_records(report)
    return report


def _verify_logs(bundle: Bundle, trust: Trust, report: Report) -> dict[bytes, EstablishedLog | None]:
    named = {stream.log_id for stream in bundle.streams}
    established: dict[bytes, EstablishedLog | None] = {}
    for entry in bundle.logs:
        subject = b64encode(entry.log_id).decode("ascii")
        if entry.log_id in established:
            report.failed("log-pinned", subject, "INSERTED", "the bundle holds this log twice")
        elif entry.log_id not in named:
            report.failed("log-pinned", subject, "INSERTED", "no stream of the bundle names this log")
        log = verify_log(entry, trust, report)
        established[entry.log_id] = established.get(entry.log_id) or log
    return established


def _verify_streams(bundle: Bundle, logs: dict[bytes, EstablishedLog | None], report: Report) -> None:
    if not bundle.streams:
        report.failed("stream-order", "bundle", "MISSING", "the bundle holds no stream")
    seen = set()
    for stream in bundle.streams:
        name = (stream.log_id, stream.stream_id)
        if stream.log_id not in logs:
            report.failed("log-pinned", stream.stream_id, "UNKNOWN_KEY", "the stream names a log that is not in the bundle")
        elif name in seen:
            report.failed("stream-order", stream.stream_id, "INSERTED", "the bundle holds this stream twice")
        elif (log := logs[stream.log_id]) is None:
            report.not_checked("inclusion", stream.stream_id, "its log could not be established")
        else:
            verify_stream(stream, log, report)
        seen.add(name)


def _judge_records(report: Report) -> None:
    """A record is as good as what was found of itself, its stream, its log and the seal."""
    failed: dict[str, str] = {}
    for check in report.checks:
        if check.result == FAIL and check.verdict is not None:
            failed.setdefault(check.subject, check.verdict)
    for record in report.records:
        log = record["log"]
        subjects = (f"{log}#{record['index']}", f"{log} {record['streamId']}", log)
        record["verdict"] = next((failed[subject] for subject in subjects if subject in failed), "PENDING")
    report.records.sort(key=lambda record: (record["log"], record["index"]))
