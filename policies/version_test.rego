package coderev.version_test

import data.coderev.version
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_reviewer_may_create if version.allow with input as {"action": "version.create", "caller": caller("reviewer")}

test_viewer_may_only_read if {
	version.allow with input as {"action": "version.read", "caller": caller("viewer")}
	not version.allow with input as {"action": "version.create", "caller": caller("viewer")}
}

test_archiving_needs_a_maintainer if {
	not version.allow with input as {"action": "version.archive", "caller": caller("reviewer")}
	version.allow with input as {"action": "version.archive", "caller": caller("owner")}
}

test_nobody_may_nothing if not version.allow with input as {"action": "version.read"}

test_unknown_actions_are_refused if not version.allow with input as {"action": "version.erase", "caller": caller("owner")}

test_a_role_without_organisation_is_nothing if {
	not version.allow with input as {"action": "version.read", "caller": {"roles": ["owner"], "kind": "user"}}
}

test_the_objection_names_the_role if {
	"version.create needs the role reviewer" in version.objections with input as {
		"action": "version.create",
		"caller": caller("viewer"),
	}
}
