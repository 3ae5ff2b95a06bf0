"""The project's own rules as an engine. A bad or slow rule costs only itself, and the notes say so."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from functions.analysis.engines import custom_rules
from functions.analysis.engines.custom_rules import CustomRule, Problem
from functions.analysis.engines.engine import Rule, Run
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.matching import CRASH, DEADLY, SLOW, Answer, Job, Matcher
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Confidence, Finding

RULES: tuple[Rule, ...] = ()  # none is built in
STRIKES = 3  # files on which a rule may be too slow before a shard goes on without it
_TRIED_S = 2.0
_FAILED = {SLOW: "took too long on this file and was stopped", CRASH: "ended the matcher on this file"}


def problems(text: str, limits: Limits) -> list[Problem]:
    """Everything that keeps a rule from being used, ast-grep's own objections included."""
    read = custom_rules.read(text)
    _, refused = _tried(read.usable, limits)
    return sorted([*read.problems, *refused], key=lambda problem: (problem.document, problem.rule, problem.reason))


def _tried(rules: Sequence[CustomRule], limits: Limits) -> tuple[list[CustomRule], list[Problem]]:
    """The rules that ast-grep takes, and what it says to the others."""
    matcher = Matcher(rules, (), _TRIED_S, limits.findings)
    left = deque(Job(rule=number) for number in range(len(rules)))
    failed: dict[int, str] = {}
    while left:
        with closing(matcher.answers(tuple(left))) as answers:
            for _, said in answers:
                job = left.popleft()
                if said.failed:
                    failed[job.rule] = "it takes too long to be read" if said.failed in DEADLY else said.failed
    usable = [rule for number, rule in enumerate(rules) if number not in failed]
    return usable, [Problem(0, rules[number].id, reason) for number, reason in failed.items()]


def check(units: Sequence[Unit], run: Run) -> None:
    """Add what the project's rules find; rules that cannot be used at all are told with the analysis, not here."""
    languages = {unit.content.language.name for unit in units}
    about = [rule for rule in custom_rules.read(run.choice.custom_rules).usable if rule.language in languages]
    rules, _ = _tried(about, run.limits)
    if rules:
        _Shard(units, rules, run.limits).work(run.wall_s * run.limits.rules_share)


@dataclass(slots=True)
class _Shard:
    units: Sequence[Unit]
    rules: Sequence[CustomRule]
    limits: Limits
    strikes: Counter[int] = field(default_factory=Counter)
    failed: set[int] = field(default_factory=set)  # texts that cannot even be parsed

    def work(self, seconds: float) -> None:
        texts = [(unit.content.language.name, unit.text.data) for unit in self.units]
        matcher = Matcher(self.rules, texts, self.limits.rule_s, self.limits.findings + 1)
        deadline, left = time.monotonic() + seconds, deque(self._jobs())
        while left := deque(job for job in left if not self._given_up(job, deadline)):
            with closing(matcher.answers(tuple(left))) as answers:
                for _, said in answers:
                    self._take(left.popleft(), said)
                    if time.monotonic() > deadline:
                        break

    def _jobs(self) -> Iterator[Job]:
        """For each text first the parsing alone, so that no rule is blamed for it."""
        for text, unit in enumerate(self.units):
            content = unit.content
            meant = [
                number
                for number, rule in enumerate(self.rules)
                if rule.language == content.language.name and rule.id not in content.away
            ]
            if not meant:
                continue
            if unit.reason in ("long-line", "nesting"):
                unit.notes.append("the project's own rules were not tried on it")
                continue
            yield Job(text)
            yield from (Job(text, rule) for rule in meant)

    def _given_up(self, job: Job, deadline: float) -> bool:
        unit = self.units[job.text]
        if job.text in self.failed:
            return True
        if time.monotonic() > deadline:
            self._say(unit, "the project's own rules ran out of time on this part of the version")
            self.failed.add(job.text)
            return True
        if job.rule >= 0 and self.strikes[job.rule] >= STRIKES:
            self._say(unit, f"rule {self.rules[job.rule].id} was too slow on other files and was not tried on this one")
            return True
        return False

    def _take(self, job: Job, said: Answer) -> None:
        unit = self.units[job.text]
        if job.rule < 0:
            if said.failed:
                self.failed.add(job.text)
                self._say(unit, "the project's own rules could not be tried on it")
            return
        if job.text in self.failed:
            return
        rule = self.rules[job.rule]
        if said.failed:
            self.strikes[job.rule] += 1
            self._say(unit, f"rule {rule.id} {_FAILED.get(said.failed, f'failed: {said.failed}')}")
        unit.findings += (_finding(rule, *row) for row in said.rows)

    def _say(self, unit: Unit, note: str) -> None:
        unit.incomplete = True
        unit.notes.append(note)


def _finding(
    rule: CustomRule, line: int, column: int, end_line: int, end_column: int, message: str, fix: str
) -> Finding:
    return Finding(
        rule=rule.name,
        title=rule.id.replace("-", " ").replace("_", " "),
        message=message,
        severity=rule.severity,
        confidence=Confidence.HIGH,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        fingerprint="",
        cwe=rule.cwe,
        help=rule.note,
        fix=fix,
    )
