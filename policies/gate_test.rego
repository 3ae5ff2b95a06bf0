package coderev.gate_test

import data.coderev.gate
import rego.v1

none := {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0}

facts := {
	"new": {
		"findings": object.union(none, {"high": 1, "low": 4}),
		"findings_resolved": 50,
		"max_cyclomatic": 9,
		"max_cognitive": 12,
		"complex_functions": 2.5,
		"maintainability": null,
		"skipped_files": 0,
	},
	"overall": {
		"findings": object.union(none, {"critical": 2, "high": 3, "low": 10}),
		"findings_resolved": 80,
		"max_cyclomatic": 31,
		"max_cognitive": 40,
		"complex_functions": 11.25,
		"duplicated_lines_density": 3.5,
		"maintainability": "B",
		"skipped_files": 7,
	},
}

condition(metric, operator, threshold) := {"metric": metric, "operator": operator, "threshold": threshold}

worse(metric, severity, threshold) := object.union(condition(metric, "<=", threshold), {"severity": severity})

at(scope, metric, operator, threshold) := object.union(condition(metric, operator, threshold), {"scope": scope})

only(one) := result if {
	result := gate.decision.conditions[0] with input as {"gate": [one], "facts": facts}
}

test_without_a_gate_no_new_critical_or_high_finding_is_asked_for if {
	gate.decision.status == "failed" with input as {"gate": null, "facts": facts}
	gate.decision.status == "failed" with input as {"facts": facts}
	gate.decision.status == "passed" with input as {"gate": null, "facts": {"new": {"findings": object.union(none, {"medium": 9})}}}
	gate.decision.conditions == [{
		"metric": "new_findings",
		"scope": "new",
		"severity": "high",
		"operator": "<=",
		"threshold": 0,
		"actual": 1,
		"passed": false,
		"reason": "new_findings of high or worse is 1, wanted <= 0",
	}] with input as {"gate": null, "facts": facts}
}

test_an_empty_gate_asks_for_nothing if {
	gate.decision == {"status": "none", "conditions": []} with input as {"gate": [], "facts": facts}
}

test_a_gate_passes_if_each_condition_does if {
	conditions := [condition("findings", "<=", 15), condition("maintainability", ">=", "B")]
	gate.decision.status == "passed" with input as {"gate": conditions, "facts": facts}
}

test_a_gate_fails_if_one_condition_does_and_keeps_their_order if {
	conditions := [condition("findings", "<=", 15), condition("maintainability", ">=", "A"), condition("skipped_files", "<", 8)]
	decision := gate.decision with input as {"gate": conditions, "facts": facts}
	decision.status == "failed"
	[result.passed | some result in decision.conditions] == [true, false, true]
}

test_findings_are_counted_by_severity_or_worse if {
	only(worse("findings", "critical", 0)).actual == 2
	only(worse("findings", "high", 0)).actual == 5
	only(worse("findings", "info", 0)).actual == 15
	only(condition("findings", "<=", 0)).actual == 15
	only(worse("new_findings", "medium", 0)).actual == 1
	only(condition("new_findings", "<=", 0)).actual == 5
}

test_new_and_overall_code_are_measured_apart if {
	only(condition("max_cyclomatic", "<=", 30)).passed == false
	only(at("new", "max_cyclomatic", "<=", 30)).passed == true
	only(at("new", "max_cyclomatic", "<=", 30)).actual == 9
	only(at("new", "findings_resolved", ">=", 51)).passed == false
	only(condition("findings_resolved", ">=", 51)).passed == true
}

test_each_operator_compares if {
	only(condition("skipped_files", "<", 7)).passed == false
	only(condition("skipped_files", "<=", 7)).passed == true
	only(condition("skipped_files", "==", 7)).passed == true
	only(condition("skipped_files", ">=", 7)).passed == true
	only(condition("skipped_files", ">", 7)).passed == false
	only(condition("skipped_files", "=>", 7)).passed == false
}

test_a_is_the_greatest_grade if {
	only(condition("maintainability", ">=", "C")).passed == true
	only(condition("maintainability", ">=", "B")).passed == true
	only(condition("maintainability", ">", "B")).passed == false
	only(condition("maintainability", "==", "E")).passed == false
	only(condition("maintainability", ">=", "Z")).passed == false
}

test_where_there_is_no_code_nothing_stands_against_it if {
	result := only(at("new", "maintainability", ">=", "A"))
	result.passed == true
	result.reason == "there is nothing to measure for maintainability of new code"
}

test_what_was_not_measured_does_not_pass if {
	result := only(at("new", "duplicated_lines_density", "<=", 3))
	result.passed == false
	result.reason == "duplicated_lines_density of new code was not measured"
	unmeasured := gate.decision with input as {"gate": [condition("findings", "<=", 3)], "facts": {"overall": {}}}
	unmeasured.status == "failed"
	half := gate.decision with input as {"gate": [condition("findings", "<=", 3)], "facts": {"overall": {"findings": {"high": 1}}}}
	half.status == "failed"
	nothing := gate.decision with input as {"gate": [condition("findings", "<=", 3)]}
	nothing.status == "failed"
}

test_a_metric_that_nobody_knows_does_not_pass if {
	result := only(condition("unreadable", "==", 0))
	result.passed == false
	result.reason == "there is no metric unreadable"
}

test_a_condition_that_cannot_be_decided_keeps_a_gate_from_passing if {
	conditions := [condition("findings", "<=", 15), {"metric": "findings"}]
	gate.decision.status == "unknown" with input as {"gate": conditions, "facts": facts}
}

test_numbers_are_said_as_they_are if {
	only(condition("complex_functions", "<=", 10)).reason == "complex_functions of overall code is 11.25, wanted <= 10"
	only(condition("maintainability", ">=", "A")).reason == "maintainability of overall code is B, wanted >= A"
}
