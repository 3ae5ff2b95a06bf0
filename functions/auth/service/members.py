"""Who belongs to an organisation, and in which role."""

from __future__ import annotations

from functions.auth.model.people import Member, Role
from functions.auth.model.sessions import End
from functions.auth.ports import Work
from functions.auth.service.sessions import bump, revoke


def change_role(work: Work, *, user_id: str, role: Role) -> Member:
    """Give a member another role, effective with their next request.

    Raises:
        NotFound: nobody of that id is a member.
        Conflict: it is the last owner.
    """
    membership, owners = work.people.locked_membership(user_id)
    work.people.set_role(user_id, membership.become(role, owners=owners).role)
    bump(work, user_id)
    work.audit.add("member.role", user_id, before=membership.role.value, after=role.value)
    return work.people.member(user_id)


def remove(work: Work, *, user_id: str) -> None:
    """End a membership and the sessions it gave, effective with their next request.

    Raises:
        NotFound: nobody of that id is a member.
        Conflict: it is the last owner.
    """
    membership, owners = work.people.locked_membership(user_id)
    membership.may_leave(owners=owners)
    for session in work.sessions.living(user_id):
        if session.org_id == membership.org_id:
            revoke(work, session, End.REMOVED)
    work.people.leave(user_id)
    work.audit.add("member.remove", user_id, role=membership.role.value)
