package coderev.project_test

import data.coderev.project
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_viewer_may_only_read if {
	project.allow with input as {"action": "project.read", "caller": caller("viewer")}
	every action in ["project.upload", "project.publish", "project.create"] {
		not project.allow with input as {"action": action, "caller": caller("viewer")}
	}
}

test_reviewer_sends_and_publishes_but_creates_nothing if {
	project.allow with input as {"action": "project.upload", "caller": caller("reviewer")}
	project.allow with input as {"action": "project.publish", "caller": caller("reviewer")}
	not project.allow with input as {"action": "project.create", "caller": caller("reviewer")}
}

test_maintainer_may_create if project.allow with input as {"action": "project.create", "caller": caller("maintainer")}

test_only_a_maintainer_configures if {
	project.allow with input as {"action": "project.configure", "caller": caller("maintainer")}
	not project.allow with input as {"action": "project.configure", "caller": caller("reviewer")}
}

test_owner_may_all if {
	every action in ["project.read", "project.upload", "project.publish", "project.create"] {
		project.allow with input as {"action": action, "caller": caller("owner")}
	}
}

test_nobody_may_nothing if not project.allow with input as {"action": "project.read"}

test_unknown_actions_are_refused if not project.allow with input as {"action": "project.erase", "caller": caller("owner")}

test_a_role_without_organisation_is_nothing if {
	not project.allow with input as {"action": "project.read", "caller": {"roles": ["owner"], "kind": "user"}}
}

test_the_objection_names_the_role if {
	"project.create needs the role maintainer" in project.objections with input as {
		"action": "project.create",
		"caller": caller("reviewer"),
	}
}
