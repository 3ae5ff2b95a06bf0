"""A worker that a test may kill: reviews one analysis, read from its standard input.

python -m tests.integration.ai.worker
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from functions.ai import bootstrap
from functions.ai.adapters.context import StoredContexts
from functions.ai.model import Request, Route
from functions.ai.service import reviewing
from kernel.identity import Caller
from kernel.settings import Settings
from tests.integration.ai.conftest import Chosen, Shelf


def main() -> None:
    job = json.load(sys.stdin)
    shelf, chosen = Shelf(), Chosen()
    shelf.objects[job["request"]["context_key"]] = job["context"].encode()
    chosen.answer = Route(**job["route"])
    settings = Settings(stage="test", database_url=job["database_url"], jwt_secret_key=job["secret"])
    deps = replace(bootstrap.connect(settings), contexts=StoredContexts(shelf), routes=chosen)
    request = Request(**job["request"])
    reviewing.review(deps, request, Caller.function(request.org_id))


if __name__ == "__main__":
    main()
