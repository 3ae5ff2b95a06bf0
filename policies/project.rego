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
	reaches(least[input.action])
	not above
}

# Everybody may leave a project.
granted if leaves

leaves if {
	input.action == "project.members"
	input.resource.leaves == input.caller.user_id
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

# A role that is given or taken away, which the caller does not reach. What is not told counts as above everybody.
above if {
	input.action == "project.members"
	some name in ["role", "present"]
	not reaches(input.resource[name])
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if {
	not leaves
	not reaches(least[input.action])
}

objections contains "this role is above yours" if {
	not leaves
	above
}
