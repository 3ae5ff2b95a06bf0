"""What becomes of findings over versions: none is new twice, and no dismissal is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from functions.analysis import bootstrap
from kernel.settings import Settings
from tests.integration.analysis.house import House
from tests.integration.analysis.line import EVIL, Line

PAY = "def pay(cart):\n    total = cart.total\n    amount = eval(total)\n    print(amount)\n    return amount\n\n\n"
LATER = "def pay_later(cart):\n    day = cart.day\n    due = eval(day)\n    print(due)\n    return due\n\n\n"
SHIP = "def ship(box):\n    label = box.label\n    print(label)\n    return label\n\n\n"


@pytest.fixture(scope="module")
def street(here: Settings, admin: sa.Engine) -> Iterator[House]:
    deps = bootstrap.connect(here)
    yield House(deps, admin)
    deps.engines.rest()


@pytest.fixture
def line(street: House) -> Line:
    return Line(street)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param({"a.py": SHIP + LATER + PAY}, id="moved method"),
        pytest.param({"a.py": SHIP, "b.py": PAY + LATER}, id="method moved to another file"),
        pytest.param({"c.py": PAY + LATER + SHIP}, id="renamed file"),
        pytest.param({"c.py": "import sys\n\n" + PAY + LATER + SHIP}, id="renamed and edited file"),
        pytest.param({"lib/shop/a.py": PAY + LATER + SHIP}, id="moved folder"),
        pytest.param(
            {"a.py": "if True:\n" + "".join(f"    {row}\n" for row in (PAY + LATER).split("\n"))},
            id="re-indented block",
        ),
        pytest.param(
            {
                "a.py": PAY.replace("eval(total)", "eval(cart.total)")
                + LATER.replace("eval(day)", "eval(cart.day)")
                + SHIP
            },
            id="edited line",
        ),
        pytest.param({"a.py": "import os\n\n\n" + PAY + LATER + SHIP + "# end\n"}, id="lines around"),
    ],
)
def test_findings_stay_what_they_are_when_their_code_moves_dismissed_or_not(line, after):
    open_, dismissed = line.ids(line.publish({"a.py": PAY + LATER + SHIP}))
    assert line.dismiss(dismissed).status == 200

    second = line.publish(after)

    assert sorted(line.ids(second)) == sorted([open_, dismissed])
    assert line.new(second) == []
    assert (line.state(open_), line.state(dismissed)) == ("open", "dismissed")


def test_a_duplicated_method_is_one_new_finding_and_the_original_keeps_its_dismissal(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))
    line.dismiss(known)

    second = line.publish({"a.py": PAY.replace("pay", "pay_again") + PAY})

    copy, original = line.ids(second)
    assert original == known
    assert line.new(second) == [copy]
    assert [one["state"] for one in sorted(line.found(second), key=lambda one: one["line"])] == ["open", "dismissed"]


def test_of_two_equal_lines_the_one_that_stays_keeps_its_identity(line):
    twice = "a = 1\nb = 2\nc = eval(a)\nd = 4\nf = 5\n\ng = 6\nh = 7\nc = eval(a)\ni = 8\nj = 9\n"
    _, second = line.ids(line.publish({"a.py": twice}))

    after = line.publish({"a.py": twice.replace("c = eval(a)\nd", "d", 1)})

    assert line.ids(after) == [second]
    assert line.new(after) == []


def test_a_changed_message_makes_nothing_new(line):
    """The message of this rule tells a measure that every edit of the function changes."""
    body = "".join(f"    if a == {n} and b:\n        for c in a:\n            print(c)\n" for n in range(6))
    first = line.publish({"a.py": f"def f(a, b):\n{body}"})
    path = "/v1/analyses/{}/findings?rule=coderev/complex-function"
    (before,) = line.house.items(path.format(first.id))

    second = line.publish({"a.py": f"def f(a, b):\n{body}    if a:\n        return b\n"})

    (after,) = line.house.items(path.format(second.id))
    assert (after["id"], after["new"]) == (before["id"], False)
    assert after["message"] != before["message"]


def test_fixed_then_back_is_reopened_with_its_history(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))
    fixed = line.publish({"a.py": SHIP})
    assert (line.state(known), fixed.fixed_findings > 0) == ("fixed", True)

    back = line.publish({"a.py": "import os\n" + PAY})

    assert line.ids(back) == [known]
    assert (line.state(known), line.get(known)["reopened"]) == ("open", 1)
    assert line.changes(known) == ["found", "fixed", "came_back"]
    told = [(type_, reason) for type_, reason, ids in line.told() if known in ids]
    assert told == [("finding.fixed", "fixed"), ("finding.reopened", "came_back")]


def test_dismissed_then_gone_then_back_stays_dismissed(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))
    line.dismiss(known)
    line.publish({"a.py": SHIP})
    assert line.state(known) == "dismissed"

    back = line.publish({"a.py": PAY})

    assert (line.ids(back), line.new(back), line.state(known)) == ([known], [], "dismissed")
    assert line.changes(known) == ["found", "dismissed"]


def test_a_dismissal_on_a_branch_holds_after_the_merge_of_it(line):
    line.publish({"a.py": SHIP})
    (known,) = line.ids(topic := line.branch({"a.py": SHIP + PAY}))
    assert line.new(topic) == [known]
    line.dismiss(known)

    merged = line.publish({"a.py": "import os\n\n\n" + SHIP + PAY})

    assert (line.ids(merged), line.new(merged), line.state(known)) == ([known], [], "dismissed")


def test_a_branch_moves_no_state_of_the_project(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))

    gone = line.branch({"a.py": SHIP})

    assert (line.ids(gone), line.state(known), line.get(known)["present"]) == ([], "open", True)
    added = line.branch({"a.py": PAY, "b.py": PAY.replace("eval(total)", "eval(total, {})")})
    (other,) = line.new(added)
    assert [one["id"] for one in line.all()] == [known]
    assert line.get(other)["present"] is False


def test_a_file_that_becomes_a_link_to_where_it_went_makes_nothing_new(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))

    linked = line.publish({"a.py": "real/a.py", "real/a.py": PAY}, mode={"a.py": "120000"})
    turned = line.publish({"a.py": "real/b.py", "real/b.py": PAY}, mode={"a.py": "120000"})

    assert (line.ids(linked), line.ids(turned)) == ([known], [known])
    assert (line.new(linked), line.new(turned), line.state(known)) == ([], [], "open")


def test_a_version_of_an_unrelated_history_knows_what_the_main_line_has(line):
    (known,) = line.ids(line.publish({"src/a.py": PAY, "src/b.py": SHIP}))

    other = line.publish({"project/a.py": PAY, "README.md": "# anew\n"}, parent=None, main=False, branch="orphan")

    assert (line.ids(other), line.new(other)) == ([known], [])


def test_a_file_that_is_copied_and_later_moved_never_makes_two_findings_one(line):
    (first,) = line.ids(line.publish({"a.py": PAY}))
    (_, second) = line.ids(line.publish({"a.py": PAY, "b.py": PAY}))
    assert line.ids(line.publish({"b.py": PAY})) == [second]
    assert line.state(first) == "fixed"

    both = line.publish({"a.py": PAY, "b.py": PAY})

    assert line.ids(both) == [first, second]
    moved = line.publish({"c.py": PAY, "d.py": PAY})
    assert sorted(line.ids(moved)) == sorted([first, second])
    back = line.publish({"b.py": PAY, "c.py": PAY, "a.py": PAY})
    assert len(set(line.ids(back))) == 3
    assert len(line.new(back)) == 1


def test_an_older_analysis_that_ends_late_moves_nothing_backwards(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))
    late = line.house.published({"a.py": PAY.encode(), "z.py": PAY.encode()}, project=line.project)
    assert line.house.plan(late) == []
    held = line.house.sql(
        "UPDATE analysis.outbox SET sent_at = now() WHERE sent_at IS NULL AND topic LIKE '%shards%' RETURNING message"
    )
    line.publish({"a.py": SHIP})
    assert line.state(known) == "fixed"

    for row in held:
        assert line.house.work(row.message) == []
    assert line.house.drain() == []

    assert (line.state(known), line.get(known)["present"]) == ("fixed", False)
    assert {one["state"] for one in line.all()} == {"fixed"}


def test_a_merge_that_is_done_again_comes_to_the_same(line):
    line.publish({"a.py": PAY})
    done = line.publish({"b.py": PAY, "c.py": PAY.replace("eval(total)", "eval(total, {})")})
    before, problems = line.found(done), line.all()
    line.house.sql("UPDATE analysis.analyses SET state = 'merging' WHERE id = :id", id=done.id)
    line.house.sql("DELETE FROM analysis.leases")
    line.told()

    with line.house.deps.work(_caller(line)) as work:
        work.leases.offer(done.id, "merge", [done.id])
    line.house.work(line.house.envelope("merge.ready", done.id, {"analysis_id": done.id}))

    assert (line.found(done), line.all()) == (before, problems)
    assert line.told() == []


def _caller(line: Line):
    from kernel.identity import Caller

    return Caller.function(line.house.org)


def test_a_dismissal_that_expires_is_over_at_once_and_said_at_the_next_analysis(line):
    (known,) = line.ids(first := line.publish({"a.py": PAY}))
    assert line.dismiss(known, expires_at="2125-01-01T00:00:00Z").status == 200
    assert line.found(first)[0]["state"] == "dismissed"

    line.house.sql("UPDATE analysis.problems SET expires_at = now() WHERE id = :id", id=known)

    assert line.found(first)[0]["state"] == line.state(known) == "open"
    assert [one["id"] for one in line.all("&state=open")] == [known]
    line.publish({"a.py": PAY, "b.py": SHIP})
    assert line.changes(known) == ["found", "dismissed", "expired"]
    assert ("finding.reopened", "expired", [known]) in line.told()


def test_disabled_rules_and_excluded_files_are_withheld_and_come_back_without_a_word(line):
    files = {"a.py": PAY, "vendor/b.py": PAY.replace("eval(total)", "eval(total, {})")}
    mine, theirs = line.ids(line.publish(files))
    key = f"configurations/{line.house.org}/{line.project}.json"
    put = line.house.deps.blobs.put
    put(
        key, b'{"schema":1,"exclude":["vendor/**"],"rules":{"disabled":["' + EVIL.encode() + b'"]}}', "application/json"
    )
    line.told()

    line.publish(files, config_key=key)

    assert [(line.get(one)["state"], line.get(one)["withheld"]) for one in (mine, theirs)] == [
        ("open", "rule_disabled"),
        ("open", "rule_disabled"),
    ]
    put(key, b'{"schema":1,"exclude":["vendor/**"]}', "application/json")
    line.publish(files, config_key=key)
    assert (line.get(mine)["withheld"], line.get(theirs)["withheld"]) == (None, "path_excluded")
    assert [one["id"] for one in line.all("&state=open")] == [mine]
    back = line.publish(files)
    assert (line.ids(back), line.new(back)) == ([mine, theirs], [])
    assert [one for one in line.told() if mine in one[2] or theirs in one[2]] == []
    line.publish({"a.py": PAY}, config_key=key)
    assert line.state(theirs) == "fixed"


def test_a_file_that_does_not_parse_for_a_while_fixes_nothing(line):
    (known,) = line.ids(line.publish({"a.py": PAY}))

    line.publish({"a.py": PAY + "def broken(:\n"})

    assert line.state(known) == "open"
    assert line.ids(line.publish({"a.py": PAY})) == [known]
    assert line.told()[-1:] == [] or all(known not in ids for _, _, ids in line.told())


def test_the_newest_main_analysis_is_marked_again_against_a_baseline_that_is_set(line):
    first = line.publish({"a.py": PAY})
    line.publish({"a.py": PAY, "b.py": PAY.replace("total", "sum")})
    newest = line.publish({"a.py": PAY, "b.py": PAY.replace("total", "sum"), "c.py": SHIP})
    assert line.new(newest) == []
    event = line.house.envelope(
        "baseline.set", line.project, {"project_id": line.project, "kind": "version", "version_id": first.version_id}
    )

    for _ in range(2):
        assert line.house.plan(event) == []

    again = line.house.of_version(newest.version_id)
    assert (again.baseline_id, len(line.new(again))) == (first.id, 1)
    before = line.house.sql("SELECT revision FROM analysis.analyses WHERE id = :id", id=newest.id)
    assert line.house.plan(event) == []
    assert line.house.sql("SELECT revision FROM analysis.analyses WHERE id = :id", id=newest.id) == before


def test_a_version_is_compared_with_the_baseline_that_project_resolved(line):
    first = line.publish({"a.py": SHIP})
    line.publish({"a.py": PAY})

    third = line.publish({"a.py": PAY, "b.py": SHIP}, baseline_version_id=first.version_id)

    assert third.baseline_id == first.id
    assert line.new(third) == line.ids(third) != []


def test_new_engines_make_no_finding_new(line):
    (known,) = line.ids(line.publish({"a.py": PAY, "b.py": SHIP}))
    line.dismiss(known)
    key = f"configurations/{line.house.org}/{line.project}.json"
    line.house.deps.blobs.put(key, b'{"schema":1,"rules":{"disabled":["ruff/F401"]}}', "application/json")

    second = line.publish({"a.py": PAY, "b.py": SHIP}, config_key=key)

    assert (line.ids(second), second.new_findings, line.state(known)) == ([known], 0, "dismissed")


def test_the_same_versions_in_another_organisation_have_the_same_ids(line):
    versions = [{"a.py": PAY}, {"a.py": PAY, "b.py": PAY}, {"c.py": SHIP + PAY, "b.py": PAY}]
    here = [line.ids(line.publish(files)) for files in versions]

    other = House(line.house.deps, line.house.admin, org="01890000-0000-7000-8000-0000000000bb")
    line.house.sql("DELETE FROM analysis.analyses WHERE project_id = :id", id=line.project)
    line.house.sql("DELETE FROM analysis.problems WHERE project_id = :id", id=line.project)
    there = replace(line, house=other, newest=None)

    assert [there.ids(there.publish(files)) for files in versions] == here
