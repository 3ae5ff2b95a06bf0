# METADATA
# title: Who may do what to people and sessions
# description: Closed by default. Nobody hands out, changes or takes away a role above their own.
package coderev.auth

import data.coderev.roles
import rego.v1

default allow := false

allow if {
	granted
	count(objections) == 0
}

least := {
	"auth.own": "viewer",
	"auth.members": "viewer",
	"auth.invite": "admin",
	"auth.change_role": "admin",
	"auth.remove_member": "admin",
}

granted if {
	enough
	within
}

enough if roles.at_least(input.caller, least[input.action])

# Everybody may leave.
granted if leaves

leaves if {
	input.action == "auth.remove_member"
	roles.is_self(input.caller, input.resource.member_id)
	roles.at_least(input.caller, "viewer")
}

# The caller reaches each role at stake. What is not told counts as above everybody.
within if {
	every name in stakes[input.action] { roles.at_least(input.caller, input.resource[name]) }
}

stakes := {
	"auth.own": [],
	"auth.members": [],
	"auth.invite": ["role"],
	"auth.change_role": ["role", "present"],
	"auth.remove_member": ["present"],
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if {
	not leaves
	not enough
}

objections contains "this role is above yours" if {
	input.action in object.keys(stakes)
	not leaves
	not within
}
