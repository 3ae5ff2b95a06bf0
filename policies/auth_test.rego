package coderev.auth_test

import data.coderev.auth
import rego.v1

caller(role) := {"user_id": "u", "org_id": "o", "roles": [role], "kind": "user"}

test_everybody_has_their_own_session if auth.allow with input as {"action": "auth.own", "caller": caller("viewer")}

test_nobody_may_nothing if {
	not auth.allow with input as {"action": "auth.own"}
	not auth.allow with input as {"action": "auth.own", "caller": {"roles": ["owner"], "kind": "user"}}
}

test_admin_invites_up_to_admin if {
	auth.allow with input as invite("admin", "admin")
	auth.allow with input as invite("admin", "viewer")
	not auth.allow with input as invite("admin", "owner")
}

test_only_an_owner_invites_an_owner if auth.allow with input as invite("owner", "owner")

test_inviting_needs_an_admin if {
	not auth.allow with input as invite("maintainer", "viewer")
	not auth.allow with input as invite("viewer", "viewer")
}

test_a_role_that_is_none_is_above_everybody if {
	not auth.allow with input as invite("owner", "emperor")
	not auth.allow with input as {"action": "auth.invite", "caller": caller("owner"), "resource": {}}
	not auth.allow with input as {"action": "auth.invite", "caller": caller("owner")}
}

test_nobody_raises_themself if {
	not auth.allow with input as change("viewer", "owner", "viewer")
	not auth.allow with input as change("admin", "owner", "admin")
}

test_nobody_lowers_a_higher_one if {
	not auth.allow with input as change("admin", "viewer", "owner")
	auth.allow with input as change("admin", "viewer", "maintainer")
	auth.allow with input as change("owner", "admin", "owner")
}

test_removing_needs_an_admin_who_is_not_below if {
	auth.allow with input as remove("admin", "x", "maintainer")
	not auth.allow with input as remove("admin", "x", "owner")
	not auth.allow with input as remove("maintainer", "x", "viewer")
}

test_everybody_may_leave if {
	auth.allow with input as remove("viewer", "u", "viewer")
	auth.allow with input as remove("owner", "u", "owner")
}

test_unknown_actions_are_refused if not auth.allow with input as {"action": "auth.erase", "caller": caller("owner")}

test_the_objection_names_the_role if {
	"auth.invite needs the role admin" in auth.objections with input as invite("viewer", "viewer")
	"this role is above yours" in auth.objections with input as invite("admin", "owner")
}

invite(role, wanted) := {"action": "auth.invite", "caller": caller(role), "resource": {"role": wanted}}

change(role, wanted, present) := {
	"action": "auth.change_role",
	"caller": caller(role),
	"resource": {"role": wanted, "present": present, "member_id": "m"},
}

remove(role, who, present) := {
	"action": "auth.remove_member",
	"caller": caller(role),
	"resource": {"present": present, "member_id": who},
}
