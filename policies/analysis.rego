# METADATA
# title: Who may do what to analyses
# description: Closed by default. Access needs one grant and no objection.
package coderev.analysis

import data.coderev.roles
import rego.v1

default allow := false

allow if {
	granted
	count(objections) == 0
}

least := {
	"analysis.read": "viewer",
	"analysis.cancel": "reviewer",
	"analysis.restart": "reviewer",
	"analysis.import": "reviewer",
	"analysis.dismiss": "reviewer",
	"analysis.reopen": "reviewer",
}

granted if roles.at_least(input.caller, least[input.action])

# A role in the project raises that in the organisation, for its members.
granted if {
	roles.at_least(input.caller, "viewer")
	roles.rank[input.resource.project_role] >= roles.rank[least[input.action]]
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if not granted
