"""What a verification found, and the one table from which its verdict follows (docs/bundle.md section 3)."""

from dataclasses import dataclass, field

PASS, FAIL, NOT_CHECKED = "PASS", "FAIL", "NOT_CHECKED"

CHECKS = (
    "bundle-seal log-pinned key-history checkpoint-signature witness-quorum freshness consistency chain-head chain-finality "
    "item-heads map-quorum item-key record-header inclusion disclosures erasure author-signature stream-order completeness absence"
).split()

_WORST_FIRST = "UNKNOWN_KEY BAD_SIG FORKED ROLLED_BACK ALTERED MISSING INSERTED REORDERED STALE".split()


_REASONS = {
    "OK": "every record is proven in logs that witnesses vouch for",
    "PENDING": "every record is proven in its signed log; nobody else vouches for every log yet",
}


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
    policy_id: str
    map_policy_id: str | None
    bundle: str
    trust: str
    at: str | None
    is_vouched_for: bool = False
    checks: list[Check] = field(default_factory=list)
    named: dict[str, dict] = field(default_factory=dict)
    """Leaf and event id of the records among the subjects."""
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
        """The first of the verdicts that a failed check means; else OK or PENDING."""
        meant = {check.verdict for check in self.checks if check.result == FAIL}
        otherwise = "OK" if self.is_vouched_for else "PENDING"
        return next((verdict for verdict in _WORST_FIRST if verdict in meant), otherwise)

    @property
    def reason(self) -> str:
        """The verdict in one sentence."""
        if self.holds:
            return _REASONS[self.verdict]
        fault = next(one for one in self.checks if one.result == FAIL and one.verdict == self.verdict)
        return f"{fault.id} of {fault.subject}: {fault.reason}"

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return self.count(FAIL) == 0

    def count(self, result: str) -> int:
        """How many checks ended so."""
        return sum(check.result == result for check in self.checks)

    def as_json(self) -> dict:
        """The report as the command prints it with --json."""
        told = {
            "method": "countersign-verify/1",
            "item": self.item,
            "verdict": self.verdict,
            "reason": self.reason,
            "holds": self.holds,
            "policyId": self.policy_id,
            "mapPolicyId": self.map_policy_id,
            "bundle": self.bundle,
            "trust": self.trust,
            "at": self.at,
            "checks": [{**check.as_json(), **self.named.get(check.subject, {})} for check in self.checks],
            "records": self.records,
            "passed": self.count(PASS),
            "failed": self.count(FAIL),
            "notChecked": self.count(NOT_CHECKED),
        }
        return {name: value for name, value in told.items() if value is not None}
