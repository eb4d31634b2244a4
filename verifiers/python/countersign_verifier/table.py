"""A report for people. Everything printed is ASCII or a time, so that nothing in a bundle reaches a terminal as a command."""

from .report import CHECKS, FAIL, NOT_CHECKED, PASS, Report

_REASON_CHARACTERS = 110


def verification_table(report: Report) -> str:
    """One line for each check, and each different reason why something was left open or failed."""
    lines = [f"{'check':22}{'PASS':>6}{'FAIL':>6}{'NOT_CHECKED':>13}  why not", "-" * 100]
    for check in CHECKS:
        of_check = [one for one in report.checks if one.id == check]
        counts = [sum(one.result == result for one in of_check) for result in (PASS, FAIL, NOT_CHECKED)]
        if not any(counts):
            continue
        reasons = list(dict.fromkeys(_reason(one.subject, one.result, one.reason) for one in of_check if one.reason))
        lines.append(f"{check:22}{counts[0]:>6}{counts[1]:>6}{counts[2]:>13}  {reasons[0] if reasons else ''}".rstrip())
        lines.extend(" " * 49 + reason for reason in reasons[1:])
    return "\n".join(lines)


def _reason(subject: str, result: str, reason: str | None) -> str:
    words = f"{subject}: {reason}" if result == FAIL else str(reason)
    return words if len(words) <= _REASON_CHARACTERS else words[: _REASON_CHARACTERS - 3] + "..."


def verdict_line(report: Report) -> str:
    """The verdict in one sentence."""
    counts = f"({report.count(PASS)} PASS, {report.count(FAIL)} FAIL, {report.count(NOT_CHECKED)} NOT_CHECKED)"
    said = "holds" if report.holds else "does not hold"
    return f"{report.item}: {len(report.records)} records, verdict {report.verdict}: {said}: {report.reason} {counts}"
