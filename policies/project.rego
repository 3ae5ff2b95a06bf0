# METADATA
# title: Who may do what to projects, their uploads and versions
# description: Closed by default. Access needs one grant and no objection.
package coderev.project

import data.coderev.roles
import rego.v1

default allow := false

allow if {
	granted
	count(objections) == 0
}

least := {
	"project.read": "viewer",
	"project.upload": "reviewer",
	"project.publish": "reviewer",
	"project.label": "reviewer",
	"project.create": "maintainer",
	"project.change": "maintainer",
	"project.configure": "maintainer",
	"project.fetch": "reviewer",
	"project.connect": "maintainer",
	"project.archive": "maintainer",
	"project.members": "admin",
	"project.delete": "admin",
}

granted if {
	enough
	within
}

enough if reaches(least[input.action])

# Everybody may leave a project.
granted if leaves

leaves if {
	input.action == "project.members"
	roles.is_self(input.caller, input.resource.leaves)
	roles.at_least(input.caller, "viewer")
}

# The role in the organisation is the floor.
reaches(role) if roles.at_least(input.caller, role)

# A role in the project raises it there, for members of the organisation; it never founds other projects.
reaches(role) if {
	input.action != "project.create"
	roles.at_least(input.caller, "viewer")
	roles.rank[input.resource.project_role] >= roles.rank[role]
}

# Nobody gives or takes away a role that they do not reach. What is not told counts as above everybody.
within if input.action != "project.members"

within if {
	every name in ["role", "present"] { reaches(input.resource[name]) }
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if {
	not leaves
	not enough
}

objections contains "this role is above yours" if {
	input.action == "project.members"
	not leaves
	not within
}
