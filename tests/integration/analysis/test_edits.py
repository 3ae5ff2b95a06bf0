"""Any edits of a project: what is known from before saves work and changes no answer."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from functions.analysis import bootstrap
from functions.analysis.ports import Deps
from kernel.ids import new_id
from kernel.settings import Settings
from tests.client import ORG, OTHER_ORG
from tests.integration.analysis.ledger import Ledger

SCRIPTS, VERSIONS = 5, 6


@pytest.fixture(scope="module")
def deps(here: Settings) -> Deps:
    return bootstrap.connect(here)


def first(chance: random.Random) -> dict[str, str]:
    return {f"{folder}/f{n}.py": _source(chance) for folder in ("a", "b/c") for n in range(3)}


def _source(chance: random.Random) -> str:
    return "\n".join(_line(chance) for _ in range(chance.randint(4, 12)))


def _line(chance: random.Random) -> str:
    number = chance.randint(0, 99_999)
    return chance.choice([f"bad({number})", f"  bad({number})", f"x({number})", f"  y({number})", f"def g{number}(z):"])


def edited(version: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    """A line more or less, a line changed, a block moved, a file added, copied, removed or renamed, or a folder."""
    files = dict(version)
    path = chance.choice(sorted(files))
    rows = files[path].split("\n")
    at = chance.randrange(len(rows))
    match chance.randrange(8):
        case 0:
            files[path] = "\n".join([*rows[:at], _line(chance), *rows[at:]])
        case 1:
            files[path] = "\n".join([*rows[:at], *rows[at + 1 :]])
        case 2:
            files[path] = "\n".join([*rows[:at], rows[at] + f"  # {chance.random()}", *rows[at + 1 :]])
        case 3:
            files[path] = "\n".join([*rows[at:], *rows[:at]])
        case 4:
            files[f"n/{chance.randint(0, 9)}.py"] = _source(chance)
        case 5:
            files[f"copy/{chance.randint(0, 9)}.py"] = files[path]
        case 6:
            files[f"moved/{chance.randint(0, 9)}.py"] = files.pop(path)
        case _:
            folder = path.rpartition("/")[0]
            files = {name.replace(folder, "elsewhere", 1): text for name, text in files.items()}
    return files


@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_what_is_known_from_before_comes_to_the_same_as_looking_at_everything(deps, admin: sa.Engine, seed):
    chance = random.Random(seed)
    project, version = new_id(), first(chance)
    quick, whole = Ledger(deps, ORG, project), Ledger(deps, OTHER_ORG, project, afresh=True)

    for _ in range(VERSIONS):
        one, other = quick.publish(version), whole.publish(version)

        assert quick.found(one) == whole.found(other)
        assert (one.new_findings, one.fixed_findings) == (other.new_findings, other.fixed_findings)
        version = edited(version, chance)
    assert _states(admin, ORG, project) == _states(admin, OTHER_ORG, project) != []


def _states(admin: sa.Engine, org: str, project: str) -> list[tuple[object, ...]]:
    listed = sa.text(
        "SELECT id, state, present, reopened, path, line FROM analysis.problems"
        " WHERE org_id = :org AND project_id = :project ORDER BY id"
    )
    with admin.begin() as connection:
        return [tuple(row) for row in connection.execute(listed, {"org": org, "project": project})]


def test_no_problem_is_in_two_places_of_a_version(deps):
    chance = random.Random(7)
    ledger, version = Ledger(deps, ORG), first(chance)

    for _ in range(20):
        ids = [id_ for _, _, id_, _, _ in ledger.found(ledger.publish(version))]
        assert len(set(ids)) == len(ids)
        version = edited(version, chance)
