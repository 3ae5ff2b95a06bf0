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
	"project.create": "maintainer",
	"project.configure": "maintainer",
}

granted if roles.at_least(input.caller, least[input.action])

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if not granted
