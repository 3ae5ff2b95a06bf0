"""The one way to call addresses that users gave: git hosts, webhooks, APIs of code hosts.

Such a request leaves from inside the operator's network (server-side request forgery, CWE-918). So a name is
resolved once, all that it resolves to is checked, and the connection goes to a checked address under the name
that was given; redirects stay on their host; bytes, seconds and redirects are bounded; no proxy is taken from
the environment. `reach` says which addresses, `client` calls them (import it where it is needed: it loads the
HTTP library).
"""

from __future__ import annotations

from kernel.outbound.reach import Place, Reach

__all__ = ["Place", "Reach"]
