package coderev.ai_test

import data.coderev.ai
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_viewer_may_read if ai.allow with input as {"action": "ai.read", "caller": caller("viewer")}

test_nobody_may_nothing if not ai.allow with input as {"action": "ai.read"}

test_unknown_actions_are_refused if not ai.allow with input as {"action": "ai.erase", "caller": caller("owner")}

test_a_role_without_organisation_is_nothing if {
	not ai.allow with input as {"action": "ai.read", "caller": {"roles": ["owner"], "kind": "user"}}
}

test_the_objection_names_the_role if {
	"ai.read needs the role viewer" in ai.objections with input as {"action": "ai.read", "caller": caller("guest")}
}
