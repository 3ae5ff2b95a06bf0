"""The samples in tests/events are what the domains send, and what their consumers read."""

from __future__ import annotations

import ast
import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from functions.ai import messages as ai
from functions.ai.model import Review, ReviewCompleted, ReviewState
from functions.analysis import messages as analysis
from functions.analysis.lifecycle import (
    Analysis,
    AnalysisCompleted,
    AnalysisState,
    GateChanged,
    GateReady,
    MergeReady,
    PlanReady,
    ShardReady,
    Totals,
    none_found,
)
from functions.analysis.lifetimes import EraseReady, ProjectErased
from functions.analysis.schemas.events import BaselineChosen, WorkReady
from functions.analysis.schemas.events import EraseReady as EraseWork
from functions.analysis.schemas.events import MemberChanged as RoleToKeep
from functions.analysis.schemas.events import ProjectDeleted as ProjectToErase
from functions.analysis.schemas.events import VersionPublished as VersionToAnalyse
from functions.analysis.tracking.problems import FindingsChanged, ProblemState
from functions.auth import messages as auth
from functions.auth.model.people import Role, User, UserRegistered
from functions.auth.model.sessions import End, Session, SessionRevoked
from functions.comparison import messages as comparison
from functions.comparison.model import Comparison, ComparisonCreated, Metric
from functions.project import messages as project
from functions.project.baselines import Baseline, BaselineKind, BaselineSet
from functions.project.lifecycle import ProjectArchived, ProjectDeleted
from functions.project.membership import MemberChanged, ProjectRole
from functions.project.model import Project, ProjectCreated, Version, VersionPublished, key_of_manifest
from functions.project.schemas import events as hooked
from functions.project.settings import SettingsChanged
from functions.provider import messages as provider
from functions.provider.model import Provider, ProviderCreated, ProviderKind
from functions.version import messages as version
from functions.version.model import Experiment, ExperimentArchived, ExperimentCreated
from infra.postgres.migrate import DOMAINS
from kernel.events import LARGEST_EVENT_BYTES, Envelope
from tests.client import ORG, USER

EVENTS = Path(__file__).parents[1] / "events"
AT = datetime(2026, 1, 15, 10, 0, 4, tzinfo=UTC)


def uuid(end: str) -> str:
    return f"01890000-0000-7000-8000-{end:0>12}"


EXPERIMENT = Experiment(uuid("71"), ORG, "shorter prompts", "half the words, as good", USER, AT)
ARTIFACTS = {
    name: f"artifacts/{ORG}/{uuid('a1')}/{name}" for name in ("findings.sarif", "report.json", "review-context.json")
}
SENT: list[tuple[ModuleType, object]] = [
    (
        auth,
        UserRegistered(User(USER, "ada@example.org", "ada@example.org", "Ada", "$argon2id$", AT), ORG, Role.OWNER),
    ),
    (auth, SessionRevoked(Session(uuid("51"), USER, ORG, 0, AT, AT, AT).revoked(End.LOGOUT, at=AT))),
    (project, ProjectCreated(Project(uuid("d1"), ORG, "compiler", "", USER, AT))),
    (
        project,
        VersionPublished(
            Version(
                id=uuid("f2"),
                org_id=ORG,
                project_id=uuid("d1"),
                parent_id=uuid("f1"),
                label="v2",
                commit="0" * 40,
                branch="topic",
                main=False,
                history_key=f"histories/{ORG}/h1",
                config_key=f"configurations/{ORG}/c1.json",
                baseline_version_id=uuid("f1"),
                tree_sha256="0" * 64,
                manifest_key=key_of_manifest(ORG, uuid("f2")),
                file_count=2,
                total_bytes=11,
                created_by=USER,
                created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            ),
            ("a.py", "docs/ü.md"),
        ),
    ),
    (project, SettingsChanged(uuid("d1"), ORG, 3, ("exclude", "rules.disabled"))),
    (project, BaselineSet(uuid("d1"), ORG, Baseline(BaselineKind.VERSION, version_id=uuid("f1")))),
    (project, ProjectArchived(uuid("d1"), ORG, True, USER, AT)),
    (project, ProjectDeleted(uuid("d1"), ORG, USER, AT)),
    (project, MemberChanged(uuid("d1"), ORG, uuid("2"), ProjectRole.MAINTAINER, USER, AT)),
    (analysis, EraseReady(uuid("d1"))),
    (analysis, ProjectErased(uuid("d1"), ORG, AT)),
    (analysis, ShardReady(uuid("a1"), uuid("a2"))),
    (analysis, MergeReady(uuid("a1"))),
    (
        analysis,
        FindingsChanged(ProblemState.DISMISSED, uuid("d1"), (uuid("b1"), uuid("b2")), AT, None, USER, "false_positive"),
    ),
    (analysis, FindingsChanged(ProblemState.OPEN, uuid("d1"), (uuid("b1"),), AT, uuid("a1"), None, "came_back")),
    (analysis, FindingsChanged(ProblemState.FIXED, uuid("d1"), (uuid("b2"),), AT, uuid("a1"), None, "fixed")),
    (analysis, PlanReady(uuid("a1"))),
    (analysis, GateReady(uuid("a1"))),
    (
        analysis,
        GateChanged(Analysis(uuid("a1"), ORG, uuid("b1"), uuid("f2"), None, "m", "e", AT, gate="passed")),
    ),
    (
        analysis,
        AnalysisCompleted(
            Analysis(
                id=uuid("a1"),
                org_id=ORG,
                project_id=uuid("b1"),
                version_id=uuid("f2"),
                parent_version_id=None,
                manifest_key="m",
                engine_set="e",
                created_at=AT,
                state=AnalysisState.COMPLETED,
                totals=Totals(files=2, lines=40),
                findings_by_severity=none_found() | {"high": 1, "low": 2},
                new_findings=3,
                completed_at=AT,
                gate="failed",
            ),
            ARTIFACTS,
            ARTIFACTS["review-context.json"],
        ),
    ),
    (
        ai,
        ReviewCompleted(
            Review(
                id=uuid("c1"),
                org_id=ORG,
                analysis_id=uuid("a1"),
                project_id=uuid("b1"),
                created_at=AT,
                state=ReviewState.COMPLETED,
                model="smollm2-135m",
                completed_at=AT.replace(second=5),
            ),
            3,
        ),
    ),
    (version, ExperimentCreated(EXPERIMENT)),
    (version, ExperimentArchived(EXPERIMENT.archive())),
    (
        comparison,
        ComparisonCreated(
            Comparison(uuid("81"), ORG, "which prompt", "long", "short", Metric.ACCEPTED_RATIO, USER, AT),
        ),
    ),
    (
        provider,
        ProviderCreated(
            Provider(
                uuid("91"),
                ORG,
                "ours",
                ProviderKind.OPENAI_COMPATIBLE,
                "https://llm.example.org/v1",
                "m-7b",
                True,
                USER,
                AT,
            )
        ),
    ),
]
READ: list[tuple[str, type[BaseModel]]] = [
    ("project.deleted", ProjectToErase),
    ("project.member_changed", RoleToKeep),
    ("erase.ready", EraseWork),
    ("project.erased", ai.ProjectErased),
    ("version.published", VersionToAnalyse),
    ("baseline.set", BaselineChosen),
    ("shard.ready", WorkReady),
    ("merge.ready", WorkReady),
    ("plan.ready", WorkReady),
    ("gate.ready", WorkReady),
    ("analysis.completed", ai.AnalysisCompleted),
    ("version.published", hooked.HookedVersion),
    ("analysis.completed", hooked.HookedAnalysis),
    ("gate.changed", hooked.HookedGate),
    ("finding.dismissed", hooked.HookedFindings),
    ("finding.reopened", hooked.HookedFindings),
    ("finding.fixed", hooked.HookedFindings),
]


def sample(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def types_of(domain: str) -> set[str]:
    """What the domain's `encode` can send: the texts in it that look like `noun.verb`."""
    source = importlib.import_module(f"functions.{domain}.messages").__file__
    texts = (node.value for node in ast.walk(ast.parse(Path(source).read_text())) if isinstance(node, ast.Constant))
    return {
        text
        for text in texts
        if isinstance(text, str) and text.replace(".", "", 1).replace("_", "").isalpha() and "." in text
    }


def test_every_event_has_a_sample_and_every_sample_is_an_event():
    assert {path.stem for path in EVENTS.glob("*.json")} == set().union(*map(types_of, DOMAINS))


def test_every_sample_is_held_against_its_domain():
    assert {module.encode(event).type for module, event in SENT} == {path.stem for path in EVENTS.glob("*.json")}


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_is_an_envelope_as_it_goes_over_the_wire(path):
    envelope = Envelope.model_validate_json(path.read_text())

    assert json.loads(envelope.model_dump_json(exclude_none=True)) == json.loads(path.read_text())
    assert (envelope.type, envelope.data.get("org_id", envelope.orgid)) == (path.stem, envelope.orgid)
    assert len(path.read_bytes()) < LARGEST_EVENT_BYTES


@pytest.mark.parametrize(("module", "event"), SENT, ids=lambda value: type(value).__name__)
def test_a_domain_sends_what_its_sample_shows(module, event):
    message = module.encode(event)

    shown = sample(message.type)
    assert json.loads(message.data.model_dump_json()) == shown["data"]
    assert (message.key, module.__name__) == (shown["subject"], f"functions.{shown['source'][8:]}.messages")
    assert message.topic in {module.TOPIC, getattr(module, "WORK_TOPIC", module.TOPIC)}


@pytest.mark.parametrize(("name", "reader"), READ)
def test_a_consumer_reads_what_the_sample_shows_and_minds_nothing_new(name, reader):
    data = sample(name)["data"]

    read = reader.model_validate(data | {"added_later": 1})

    assert read.model_dump(mode="json", exclude_none=True).items() <= data.items()


@pytest.mark.parametrize("module", [auth, project, analysis, ai, version, comparison, provider])
def test_what_is_no_event_has_no_message(module):
    with pytest.raises(TypeError):
        module.encode(object())
