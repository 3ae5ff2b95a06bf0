"""How much this domain accepts, each bound with its reason. All sizes are bytes."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

# What is sent. A function unpacks within 512 MB of temporary disk and 300 s.
LARGEST_PACK: Final = 64 * MIB  # one PUT that a slow line still finishes within a URL's 15 minutes
LARGEST_ARCHIVE: Final = 100 * MIB  # archive and its unpacked content (200 MB) fit the disk together
LARGEST_HISTORY: Final = 8_000_000  # 2,000 commits of 40 files each

# What is inside. Counted on real, streamed bytes: declared sizes are only used to refuse earlier.
LARGEST_TREE: Final = 200_000_000  # three times CPython's checkout without its history
LARGEST_FILE: Final = 50_000_000  # held in memory once while it is hashed
MOST_FILES: Final = 20_000  # a manifest line is about 250 bytes: 5 MB, below Lambda's 6 MB payload
MOST_COMMITS: Final = 2_000  # of a history
LONGEST_COMMIT: Final = 1_000_000  # bytes of its line in a history
MOST_LOOKUPS: Final = 10_000  # hashes in one question for missing blobs: 0.8 MB of JSON
LARGEST_RATIO: Final = 100  # source code packs 3 to 10 times; DEFLATE's bound, which bombs use, is 1,032
RATIO_COUNTS_FROM: Final = MIB  # below it nothing can hurt, and tiny archives of repetitive text are real

# Names.
LONGEST_PATH: Final = 1_024  # bytes of UTF-8; macOS' PATH_MAX
LONGEST_NAME: Final = 255  # bytes of one component: NAME_MAX of ext4, NTFS and APFS
LARGEST_TAR_HEADER: Final = 8 * 1024  # a pax record of the longest path is 1.1 kB; the parser is quadratic in it
LARGEST_DIRECTORY: Final = 24_000_000  # of a zip: 20,000 entries with the longest path and 130 bytes beside it
XZ_MEMORY: Final = 100 * MIB  # `xz -9` needs 65 MiB; a stream may ask for 4 GiB
UNPACK_S: Final = 120.0  # CPU traps that no size bound sees; a full tree takes 10 s
CHUNK: Final = 256 * 1024

# Packs.
PACK_TARGET: Final = 8 * MIB  # one range of requests in analysis; larger blobs get a pack alone

# Uploads.
PROMISE_S: Final = 15 * 60  # the life of a presigned URL
GRACE_S: Final = 5 * 60  # a PUT that began in time may end this much later
CHECK_AFTER_S: Final = 60  # a notification is late after a minute: the sweep looks for itself
LEASE_S: Final = 6 * 60  # longer than the unpacking function may run
MOST_ATTEMPTS: Final = 5  # an upload that kills its function each time is refused at last
SWEEP_BATCH: Final = 20
SWEEP_S: Final = 120.0  # one more upload may begin until then, and a whole one fits behind it

# Lifetimes.
EXPORT_LIFE_S: Final = 24 * 60 * 60  # an archive is made again in seconds
EXPORT_LEASE_S: Final = 6 * 60  # longer than the exporting function may run
GARBAGE_GRACE_S: Final = 24 * 60 * 60  # between "this is stored already" and the version that needs it
COLLECT_EVERY_S: Final = 60 * 60
COLLECT_LEASE_S: Final = 10 * 60  # longer than the collecting function may run: who died has begun nothing since
COLLECT_BATCH: Final = 2_000
ERASE_BATCH: Final = 1_000
LONGEST_SWEEP_S: Final = 120.0

# Reading versions.
LARGEST_SHOWN: Final = 1_000_000  # of one file in an answer
LARGEST_COMPARED: Final = 1_000_000  # of a file whose lines are compared
MOST_CANDIDATES: Final = 200  # files on each side that are compared for renames: 40,000 pairs, of which few are alike
LARGEST_CANDIDATES: Final = 32 * MIB  # of all of them together, in memory
LARGEST_PAGE: Final = 16 * MIB  # of the contents whose lines one page of a diff counts

# Events.
MOST_CHANGES: Final = 2_000
LARGEST_CHANGES: Final = 48 * 1024  # as JSON; an event has at most 64 KB
