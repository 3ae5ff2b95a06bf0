"""How much a git host may send and how long it may take, each bound with its reason. Sizes are bytes."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

DEPTH: Final = 200  # commits of history that are asked for: a year of a busy file, seconds to read
FETCH_S: Final = 150.0  # of all requests to the host; publishing what came fits behind it within 300 s
MOST_RECEIVED: Final = 200 * MIB  # a pack and what is unpacked from it fit 512 MB of temporary disk together
MOST_ADVERTISED: Final = 16 * MIB  # names of branches and tags: 200,000 of them
MOST_OBJECTS: Final = 400_000  # 200 commits of a tree with 20,000 files, indexed in a minute
LARGEST_OBJECT: Final = 64 * MIB  # the largest file that a version holds has 50 MB
MOST_UNPACKED: Final = 4 * 1024 * MIB  # of all objects together, each inflated once while the pack is checked

# Notes: what of a tree was left out and why.
MOST_NOTES: Final = 100
DEEPEST_TREE: Final = 128  # folders; a path has at most 1,024 bytes anyway
MOST_ENTRIES: Final = 200_000  # of all folders, what is left out included

# History. Work is bounded by what is read, not by a clock: the same commits make the same bytes.
BULK: Final = 500  # a commit that touches more files says nothing about any of them: a move, a formatter, an import
MOST_COMPARED: Final = 256 * MIB  # contents whose lines are counted
LARGEST_COMPARED: Final = MIB  # of one content: larger ones are data
