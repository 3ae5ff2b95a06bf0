package coderev.provider_test

import data.coderev.provider
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

platform := {"user_id": "u", "org_id": "o", "roles": ["function"], "kind": "function"}

test_admin_may_create if provider.allow with input as {"action": "provider.create", "caller": caller("admin")}

test_maintainer_may_only_read if {
	provider.allow with input as {"action": "provider.read", "caller": caller("maintainer")}
	not provider.allow with input as {"action": "provider.create", "caller": caller("maintainer")}
}

test_reviewer_sees_no_provider if {
	not provider.allow with input as {"action": "provider.read", "caller": caller("reviewer")}
}

test_a_function_gets_a_route if provider.allow with input as {"action": "provider.resolve", "caller": platform}

test_no_person_gets_a_route if {
	not provider.allow with input as {"action": "provider.resolve", "caller": caller("owner")}
	not provider.allow with input as {"action": "provider.resolve", "caller": caller("function")}
}

test_a_function_without_organisation_gets_no_route if {
	not provider.allow with input as {"action": "provider.resolve", "caller": {"kind": "function", "org_id": null}}
}

test_a_function_creates_nothing if {
	not provider.allow with input as {"action": "provider.create", "caller": platform}
}

test_nobody_may_nothing if not provider.allow with input as {"action": "provider.read"}

test_the_objection_names_the_role if {
	"provider.create needs the role admin" in provider.objections with input as {
		"action": "provider.create",
		"caller": caller("viewer"),
	}
}
