"""What a verification found, and the one table from which its verdict follows (docs/bundle.md section 3)."""

from dataclasses import dataclass, field

PASS, FAIL, NOT_CHECKED = "PASS", "FAIL", "NOT_CHECKED"

CHECKS = (
    "bundle-seal log-pinned checkpoint-signature witness-quorum chain-head chain-finality item-key record-header inclusion "
    "disclosures author-signature stream-order completeness"
).split()

_WORST_FIRST = "UNKNOWN_KEY BAD_SIG FORKED ROLLED_BACK ALTERED MISSING INSERTED REORDERED".split()


@dataclass(frozen=True)
class Check:
    """The end of one check about one subject."""

    id: str
    subject: str
    result: str
    verdict: str | None = None
    reason: str | None = None

    def as_json(self) -> dict:
        """The members that are there."""
        members = {"id": self.id, "subject": self.subject, "result": self.result, "verdict": self.verdict, "reason": self.reason}
        return {name: value for name, value in members.items() if value is not None}


@dataclass
class Report:
    """All checks in the order in which they were made, and the records that could be read."""

    item: str
    checks: list[Check] = field(default_factory=list)
    records: list[dict] = field(default_factory=list)

    def passed(self, check: str, subject: str) -> None:
        """Notes a PASS."""
        self.checks.append(Check(check, subject, PASS))

    def failed(self, check: str, subject: str, verdict: str, reason: str) -> None:
        """Notes a FAIL and what it means."""
        self.checks.append(Check(check, subject, FAIL, verdict, reason))

    def not_checked(self, check: str, subject: str, reason: str) -> None:
        """Notes what is left open, and why."""
        self.checks.append(Check(check, subject, NOT_CHECKED, None, reason))

    @property
    def verdict(self) -> str:
        """The first of the verdicts that a failed check means; nothing of a version 1 bundle proves what the chain holds."""
        meant = {check.verdict for check in self.checks if check.result == FAIL}
        return next((verdict for verdict in _WORST_FIRST if verdict in meant), "PENDING")

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return self.count(FAIL) == 0

    def count(self, result: str) -> int:
        """How many checks ended so."""
        return sum(check.result == result for check in self.checks)

    def as_json(self) -> dict:
        """The report as the command prints it with --json."""
        return {
            "method": "countersign-verify/1",
            "item": self.item,
            "verdict": self.verdict,
            "holds": self.holds,
            "checks": [check.as_json() for check in self.checks],
            "records": self.records,
            "passed": self.count(PASS),
            "failed": self.count(FAIL),
            "notChecked": self.count(NOT_CHECKED),
        }
