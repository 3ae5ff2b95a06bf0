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
	roles.at_least(input.caller, least[input.action])
	not above
}

# Everybody may leave.
granted if leaves

leaves if {
	input.action == "auth.remove_member"
	input.resource.member_id == input.caller.user_id
	roles.at_least(input.caller, "viewer")
}

# A role at stake that the caller does not reach, or that is none.
above if {
	some stake in stakes
	not roles.at_least(input.caller, stake)
}

stakes contains input.resource[name] if some name in names[input.action]

# What is not told counts as above everybody.
stakes contains "unknown" if {
	some name in names[input.action]
	not input.resource[name]
}

names := {
	"auth.invite": ["role"],
	"auth.change_role": ["role", "present"],
	"auth.remove_member": ["present"],
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if {
	not leaves
	not roles.at_least(input.caller, least[input.action])
}

objections contains "this role is above yours" if {
	not leaves
	above
}
