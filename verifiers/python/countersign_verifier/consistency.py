"""Whether a log still has the past that was seen or signed before (docs/bundle.md section 3.3)."""

from dataclasses import dataclass

from .bundle import EarlierHead, LogEntry
from .errors import Malformed
from .merkle import verify_consistency
from .notes import Checkpoint, SignedCheckpoint, VerifierKey, open_checkpoint, signers_named_by
from .report import Report
from .trust import PinnedLog, Trust

_NO_VERDICT = ""


@dataclass(frozen=True)
class _Outcome:
    """PASS without words; words and a verdict are a FAIL, words alone NOT_CHECKED."""

    verdict: str = _NO_VERDICT
    words: str = ""


@dataclass(frozen=True)
class Consistency:
    """All outcomes, and the earlier checkpoints that the base checkpoint extends."""

    outcomes: list[_Outcome]
    consistent: list[SignedCheckpoint]

    def tell(self, subject: str, report: Report) -> None:
        """Notes the outcomes."""
        for outcome in self.outcomes:
            if outcome.verdict:
                report.failed("consistency", subject, outcome.verdict, outcome.words)
            elif outcome.words:
                report.not_checked("consistency", subject, outcome.words)
            else:
                report.passed("consistency", subject)


def judge_consistency(
    entry: LogEntry, pinned: PinnedLog, keys: list[VerifierKey], base: Checkpoint, trust: Trust
) -> Consistency:
    """Judges the remembered head and every earlier one."""
    outcomes = [_judge_seen(entry, pinned, base)]
    consistent: list[SignedCheckpoint] = []
    for head in entry.earlier:
        if head.checkpoint is None:
            if pinned.seen is None or head.size != pinned.seen.size:
                outcomes.append(_Outcome(words="an earlier head without a checkpoint says nothing"))
            continue
        outcome, signed = _judge_earlier(head, head.checkpoint, keys, base, trust)
        outcomes.append(outcome)
        if signed is not None:
            consistent.append(signed)
            if signed.note.uncounted:
                outcomes.append(_Outcome(words="an earlier checkpoint has signature lines of keys that count for nothing here"))
    return Consistency(outcomes, consistent)


def _judge_seen(entry: LogEntry, pinned: PinnedLog, base: Checkpoint) -> _Outcome:
    seen = pinned.seen
    if seen is None:
        return _Outcome(words="the trust file remembers no head of this log")
    if seen.size > base.size:
        return _Outcome("ROLLED_BACK", "the trust file remembers a larger head")
    path = next((head.path for head in entry.earlier if head.size == seen.size), None)
    if seen.size == base.size:
        path = []
    if path is None:
        return _Outcome("FORKED", "the bundle does not show that the log extends the remembered head")
    try:
        verify_consistency(seen.size, seen.root, base.size, base.root, path)
    except Malformed as error:
        return _Outcome("FORKED", f"the remembered head: {error}")
    return _Outcome()


def _judge_earlier(
    head: EarlierHead, note: str, keys: list[VerifierKey], base: Checkpoint, trust: Trust
) -> tuple[_Outcome, SignedCheckpoint | None]:
    try:
        signed = _opened_by_one_of(note, keys, trust)
    except Malformed as error:
        return _Outcome("BAD_SIG", f"an earlier checkpoint: {error}"), None
    tree = signed.checkpoint
    if tree.size != head.size:
        return _Outcome("ALTERED", "an earlier checkpoint is of another size than it is listed under"), None
    if tree.size > base.size:
        return _Outcome("ROLLED_BACK", "an earlier checkpoint is larger than the base checkpoint"), None
    try:
        verify_consistency(tree.size, tree.root, base.size, base.root, head.path)
    except Malformed as error:
        return _Outcome("FORKED", f"an earlier checkpoint: {error}"), None
    return _Outcome(), signed


def _opened_by_one_of(note: str, keys: list[VerifierKey], trust: Trust) -> SignedCheckpoint:
    """An earlier checkpoint is signed by the key of its time; the lines of the log's other keys count for nothing."""
    named = signers_named_by(note)
    candidates = [key for key in keys if (key.name, key.key_id) in named] or keys[-1:]
    for key in candidates[:-1]:
        try:
            return open_checkpoint(note, key.name, [key], trust.witnesses)
        except Malformed:
            continue
    return open_checkpoint(note, candidates[-1].name, candidates[-1:], trust.witnesses)
