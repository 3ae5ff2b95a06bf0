"""Modules that fail in other ways than by raising, chosen by the environment."""

import os
import sys
import time

wanted = os.environ["AT_IMPORT"]
print(f"about to {wanted}")
if wanted == "exit":
    sys.exit(0)
if wanted == "exit three":
    sys.exit(3)
if wanted == "abort":
    os.abort()
if wanted == "allocate":
    held = [bytearray(b"x") * (8 * 1024 * 1024) for _ in range(10**6)]
if wanted == "raise":
    raise RuntimeError("not today")
if wanted == "hang":
    time.sleep(60)
if wanted == "late":
    time.sleep(0.3)


def handler(event, context):
    return wanted
