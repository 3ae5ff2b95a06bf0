package coderev.analysis_test

import data.coderev.analysis
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_a_viewer_may_read if analysis.allow with input as {"action": "analysis.read", "caller": caller("viewer")}

test_an_owner_may_read if analysis.allow with input as {"action": "analysis.read", "caller": caller("owner")}

test_a_reviewer_may_import if analysis.allow with input as {"action": "analysis.import", "caller": caller("reviewer")}

test_a_viewer_may_not_import if {
	not analysis.allow with input as {"action": "analysis.import", "caller": caller("viewer")}
}

test_a_reviewer_cancels_and_restarts_and_a_viewer_does_not if {
	every action in ["analysis.cancel", "analysis.restart"] {
		analysis.allow with input as {"action": action, "caller": caller("reviewer")}
		not analysis.allow with input as {"action": action, "caller": caller("viewer")}
	}
}

test_nobody_may_nothing if not analysis.allow with input as {"action": "analysis.read"}

test_an_unknown_role_is_nothing if {
	not analysis.allow with input as {"action": "analysis.read", "caller": caller("guest")}
}

test_unknown_actions_are_refused if {
	not analysis.allow with input as {"action": "analysis.erase", "caller": caller("owner")}
}

test_a_role_without_organisation_is_nothing if {
	not analysis.allow with input as {"action": "analysis.read", "caller": {"roles": ["owner"], "kind": "user"}}
}

test_the_objection_names_the_role if {
	"analysis.read needs the role viewer" in analysis.objections with input as {
		"action": "analysis.read",
		"caller": caller("guest"),
	}
}

test_a_viewer_may_not_dismiss_or_reopen if {
	every action in ["analysis.dismiss", "analysis.reopen"] {
		not analysis.allow with input as {"action": action, "caller": caller("viewer")}
	}
}

test_a_reviewer_may_dismiss_and_reopen if {
	every action in ["analysis.dismiss", "analysis.reopen"] {
		analysis.allow with input as {"action": action, "caller": caller("reviewer")}
	}
}

test_a_role_in_the_project_raises_that_in_the_organisation if {
	analysis.allow with input as {
		"action": "analysis.dismiss",
		"caller": caller("viewer"),
		"resource": {"project_role": "maintainer"},
	}
	not analysis.allow with input as {
		"action": "analysis.dismiss",
		"caller": {"user_id": "u", "roles": [], "kind": "user"},
		"resource": {"project_role": "maintainer"},
	}
	not analysis.allow with input as {
		"action": "analysis.erase",
		"caller": caller("viewer"),
		"resource": {"project_role": "admin"},
	}
}
