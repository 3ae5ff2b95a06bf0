# METADATA
# title: Who may do what to model providers
# description: Closed by default. Access needs one grant and no objection. Only a function gets a route, for it holds the key.
package coderev.provider

import data.coderev.roles
import rego.v1

default allow := false

allow if {
	granted
	count(objections) == 0
}

least := {"provider.read": "maintainer", "provider.create": "admin"}

granted if roles.at_least(input.caller, least[input.action])

granted if {
	input.action == "provider.resolve"
	roles.is_function(input.caller)
}

objections contains sprintf("%s needs the role %s", [input.action, least[input.action]]) if not granted

objections contains "provider.resolve is for functions of the platform" if {
	input.action == "provider.resolve"
	not granted
}
