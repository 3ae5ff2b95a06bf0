# METADATA
# title: Roles of an organisation
# description: >-
#   Each role may do what the ones below it may. A function works for the organisation its event or ticket named.
#   No policy says `not` of a call with something of the input, undefined as that may be: where it is, engines differ.
package coderev.roles

import rego.v1

rank := {"viewer": 1, "reviewer": 2, "maintainer": 3, "admin": 4, "owner": 5}

# True if the caller belongs to an organisation and holds `role` or a higher one in it.
at_least(caller, role) if {
	is_string(caller.org_id)
	is_array(caller.roles)
	some held in caller.roles
	rank[held] >= rank[role]
}

# True if `user_id` is the caller's own.
is_self(caller, user_id) if {
	is_string(caller.user_id)
	caller.user_id != ""
	caller.user_id == user_id
}

# True for the platform itself, which no token of a person can claim to be.
is_function(caller) if {
	caller.kind == "function"
	is_string(caller.org_id)
}
