# METADATA
# title: Whether a version passes its project's quality gate
# description: >-
#   Decides each condition from facts and says why, and from them the whole. What was not measured does not pass;
#   where there is no code to measure, nothing stands against it.
package coderev.gate

import rego.v1

decision := {"status": status, "conditions": results}

# Without a gate of its own a project asks for this: no new finding that is critical or high.
standard := [{"metric": "new_findings", "scope": "new", "severity": "high", "operator": "<=", "threshold": 0}]

# What can be asked for, on which code; the first scope is meant where none is named.
metrics := {
	"new_findings": {"scopes": ["new"], "kind": "count", "by_severity": true},
	"findings": {"scopes": ["overall"], "kind": "count", "by_severity": true},
	"findings_resolved": {"scopes": ["overall", "new"], "kind": "percent", "by_severity": false},
	"max_cyclomatic": {"scopes": ["overall", "new"], "kind": "count", "by_severity": false},
	"max_cognitive": {"scopes": ["overall", "new"], "kind": "count", "by_severity": false},
	"complex_functions": {"scopes": ["overall", "new"], "kind": "percent", "by_severity": false},
	"duplicated_lines_density": {"scopes": ["overall"], "kind": "percent", "by_severity": false},
	"maintainability": {"scopes": ["overall", "new"], "kind": "grade", "by_severity": false},
	"skipped_files": {"scopes": ["overall", "new"], "kind": "count", "by_severity": false},
}

default status := "unknown"

status := "none" if count(conditions) == 0

status := "passed" if {
	count(results) > 0
	count(results) == count(conditions)
	every result in results { result.passed }
}

status := "failed" if {
	some result in results
	not result.passed
}

conditions := wanted if is_array(wanted)

conditions := standard if not is_array(wanted)

wanted := object.get(input, "gate", null)

results := [result |
	some condition in conditions
	result := decided(condition)
]

decided(condition) := object.union(asked(condition), {
	"actual": actual(condition),
	"passed": passes(condition),
	"reason": reason(condition),
})

asked(condition) := {
	"metric": condition.metric,
	"scope": scope(condition),
	"severity": object.get(condition, "severity", null),
	"operator": condition.operator,
	"threshold": condition.threshold,
}

scope(condition) := condition.scope if is_string(object.get(condition, "scope", null))

scope(condition) := metrics[condition.metric].scopes[0] if {
	not is_string(object.get(condition, "scope", null))
	known(condition)
}

scope(condition) := "overall" if {
	not is_string(object.get(condition, "scope", null))
	not known(condition)
}

known(condition) if metrics[condition.metric]

# What was measured: a number, a grade, or null where there is no code to measure.
measured(condition) if {
	known(condition)
	scope(condition) in metrics[condition.metric].scopes
	metrics[condition.metric].by_severity
	counts := input.facts[scope(condition)].findings
	every severity in object.keys(rank) { is_number(counts[severity]) }
}

measured(condition) if {
	known(condition)
	scope(condition) in metrics[condition.metric].scopes
	not metrics[condition.metric].by_severity
	condition.metric in object.keys(input.facts[scope(condition)])
}

# Findings are counted by severity or worse.
rank := {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}

actual(condition) := sum([many |
	some severity, many in input.facts[scope(condition)].findings
	rank[severity] <= rank[least(condition)]
]) if {
	measured(condition)
	metrics[condition.metric].by_severity
}

actual(condition) := input.facts[scope(condition)][condition.metric] if {
	measured(condition)
	not metrics[condition.metric].by_severity
}

actual(condition) := null if not measured(condition)

least(condition) := condition.severity if is_string(object.get(condition, "severity", null))

least(condition) := "info" if not is_string(object.get(condition, "severity", null))

default passes(_) := false

passes(condition) if {
	measured(condition)
	is_null(actual(condition))
}

passes(condition) if {
	measured(condition)
	holds(condition.operator, size(actual(condition)), size(condition.threshold))
}

holds("<", left, right) if left < right

holds("<=", left, right) if left <= right

holds("==", left, right) if left == right

holds(">=", left, right) if left >= right

holds(">", left, right) if left > right

# Of grades A is the greatest.
grade := {"A": 5, "B": 4, "C": 3, "D": 2, "E": 1}

size(value) := value if is_number(value)

size(value) := grade[value] if is_string(value)

reason(condition) := sprintf("there is no metric %s", [condition.metric]) if not known(condition)

reason(condition) := sprintf("%s was not measured", [subject(condition)]) if {
	known(condition)
	not measured(condition)
}

reason(condition) := sprintf("there is nothing to measure for %s", [subject(condition)]) if {
	measured(condition)
	is_null(actual(condition))
}

reason(condition) := sprintf("%s is %v, wanted %s %v", [
	subject(condition),
	actual(condition),
	condition.operator,
	condition.threshold,
]) if {
	measured(condition)
	not is_null(actual(condition))
}

subject(condition) := sprintf("%s of %s or worse", [condition.metric, condition.severity]) if {
	is_string(object.get(condition, "severity", null))
}

subject(condition) := sprintf("%s of %s code", [condition.metric, scope(condition)]) if {
	not is_string(object.get(condition, "severity", null))
}
