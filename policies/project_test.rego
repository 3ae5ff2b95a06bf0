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

member(role, project_role, action) := {
	"action": action,
	"caller": caller(role),
	"resource": {"project_role": project_role},
}

test_a_role_in_the_project_raises_that_in_the_organisation if {
	project.allow with input as member("viewer", "maintainer", "project.publish")
	project.allow with input as member("viewer", "maintainer", "project.archive")
	not project.allow with input as member("viewer", "maintainer", "project.delete")
	project.allow with input as member("viewer", "admin", "project.delete")
}

test_a_role_in_the_project_never_lowers if project.allow with input as member("owner", "viewer", "project.delete")

test_a_role_in_a_project_founds_no_other if {
	not project.allow with input as member("viewer", "admin", "project.create")
}

test_a_role_in_the_project_is_nothing_without_the_organisation if {
	not project.allow with input as {
		"action": "project.publish",
		"caller": {"user_id": "u", "roles": [], "kind": "user"},
		"resource": {"project_role": "admin"},
	}
}

test_an_unknown_role_in_the_project_raises_nothing if {
	not project.allow with input as member("viewer", "emperor", "project.publish")
}

gives(role, given, present) := {
	"action": "project.members",
	"caller": caller(role),
	"resource": {"role": given, "present": present},
}

test_nobody_gives_or_takes_a_role_above_their_own if {
	project.allow with input as gives("admin", "admin", "viewer")
	not project.allow with input as gives("maintainer", "viewer", "viewer")
	not project.allow with input as gives("admin", "owner", "viewer")
	not project.allow with input as gives("admin", "viewer", "owner")
}

test_a_role_that_is_not_told_counts_as_above_everybody if {
	not project.allow with input as {"action": "project.members", "caller": caller("owner")}
}

test_everybody_may_leave_a_project if {
	project.allow with input as {
		"action": "project.members",
		"caller": caller("viewer"),
		"resource": {"leaves": "u", "role": "viewer", "present": "admin"},
	}
	not project.allow with input as {
		"action": "project.members",
		"caller": caller("viewer"),
		"resource": {"leaves": "v", "role": "viewer", "present": "viewer"},
	}
}

test_reviewers_fetch_and_maintainers_connect if {
	project.allow with input as {"action": "project.fetch", "caller": caller("reviewer")}
	not project.allow with input as {"action": "project.fetch", "caller": caller("viewer")}
	project.allow with input as {"action": "project.connect", "caller": caller("maintainer")}
	not project.allow with input as {"action": "project.connect", "caller": caller("reviewer")}
}
