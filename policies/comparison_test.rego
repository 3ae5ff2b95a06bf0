package coderev.comparison_test

import data.coderev.comparison
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_reviewer_may_create if {
	comparison.allow with input as {"action": "comparison.create", "caller": caller("reviewer")}
}

test_viewer_may_only_read if {
	comparison.allow with input as {"action": "comparison.read", "caller": caller("viewer")}
	not comparison.allow with input as {"action": "comparison.create", "caller": caller("viewer")}
}

test_nobody_may_nothing if not comparison.allow with input as {"action": "comparison.read"}

test_unknown_actions_are_refused if {
	not comparison.allow with input as {"action": "comparison.erase", "caller": caller("owner")}
}

test_the_objection_names_the_role if {
	"comparison.create needs the role reviewer" in comparison.objections with input as {
		"action": "comparison.create",
		"caller": caller("viewer"),
	}
}
