"""The present epoch of each session, in Redis for the authorizer; PostgreSQL is the truth.

A change is written after its commit; a reader fills a gap only where there still is none, so that it never
puts back what was just changed. An entry lives a minute: if Redis could not be told of a revocation but
answers the authorizer, that is how long an access token may outlive its session.
"""

from __future__ import annotations

from functions.auth.adapters.resp import Resp
from kernel import observe
from kernel.errors import Unavailable

KEEP_S = 60
_RAISE = """\
local now = redis.call('GET', KEYS[1])
if now == '0' or (now and ARGV[1] ~= '0' and tonumber(now) >= tonumber(ARGV[1])) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1"""


def _name(session_id: str) -> str:
    return f"auth:epoch:{session_id}"


def read(redis: Resp, session_id: str) -> int | None:
    """Raises Unavailable."""
    found = redis.run("GET", _name(session_id))
    return int(found) if isinstance(found, str) and found.isdigit() else None


def fill(redis: Resp, session_id: str, epoch: int) -> None:
    """Raises Unavailable."""
    redis.run("SET", _name(session_id), epoch, "NX", "EX", KEEP_S)


def tell(redis: Resp, session_id: str, epoch: int) -> None:
    """Announce an epoch that has been committed; an ended session stays ended, whoever tells last."""
    try:
        redis.run("EVAL", _RAISE, 1, _name(session_id), epoch, KEEP_S)
    except Unavailable:
        observe.log.warning("epoch not announced", session_id=session_id)
