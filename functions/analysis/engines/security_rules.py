"""The rules of bandit that are run: their weight at its worst, weakness and reason of each.

Where bandit names a broad weakness (CWE-20 for parsers of XML, CWE-78 for eval) the one that its finding is about stands here.
"""

from __future__ import annotations

from functions.analysis.engines.rule_tables import read
from functions.analysis.engines.scale import Weight
from functions.analysis.engines.words import words
from functions.analysis.model import Confidence, Severity

_HIGH = frozenset(words("B103 B201 B202 B501 B502 B505 B507 B602 B605 B609 B701 B304 B312 B321"))
_LOW = frozenset(words("B310 B313 B314 B315 B316 B317 B318 B319 B113 B504"))
_SURE = frozenset(
    words(
        "B102 B103 B202 B324 B501 B502 B505 B506 B508 B509 B602 B605 B612 B614 B615 B701 B702 B703 B704 "
        "B301 B302 B303 B304 B305 B306 B307 B308 B310 B312 B313 B314 B315 B316 B317 B318 B319 B321 B323"
    )
)
_TEXT = """
B102 | 95 | exec | Whoever controls the text runs code here
B103 | 732 | permissive file mode | Other users of the machine may read or change the file
B104 | 1327 | listening on all interfaces | The service can be reached from networks it was not meant for
B113 | 400 | request without timeout | A server that does not answer holds the caller for ever
B201 | 489 | Flask in debug mode | Its debugger runs any code for whoever reaches the page
B202 | 22 | unchecked extraction of an archive | A member's name may lead outside the folder and overwrite any file
B301 | 502 | unpickling | Loading foreign data runs the code in it
B302 | 502 | unmarshalling | Loading foreign data may crash the interpreter or run code
B303 | 328 | weak hash | Two contents with the same MD5 or SHA-1 are made in seconds
B304 | 327 | weak cipher | RC4, DES and their like are broken: the content can be read
B305 | 327 | weak cipher mode | ECB shows equal blocks as equal
B306 | 377 | mktemp | Somebody else may take the name before the file is opened
B307 | 95 | eval | Whoever controls the text runs code here
B308 | 79 | mark_safe | Text that is not escaped becomes part of the page: cross-site scripting
B310 | 22 | address opened without a check of its scheme | file: and other schemes reach what http: would not
B312 | 319 | Telnet | Everything, passwords included, crosses the network in clear
B313 | 611 | XML parser open to entities | A document can read files or exhaust memory
B314 | 611 | XML parser open to entities | A document can read files or exhaust memory
B315 | 611 | XML parser open to entities | A document can read files or exhaust memory
B316 | 611 | XML parser open to entities | A document can read files or exhaust memory
B317 | 611 | XML parser open to entities | A document can read files or exhaust memory
B318 | 611 | XML parser open to entities | A document can read files or exhaust memory
B319 | 611 | XML parser open to entities | A document can read files or exhaust memory
B321 | 319 | FTP | Everything, passwords included, crosses the network in clear
B323 | 295 | certificates are not checked | Anybody on the way can read and change the traffic
B324 | 328 | weak hash for security | Two contents with the same MD5 or SHA-1 are made in seconds
B501 | 295 | certificates are not checked | Anybody on the way can read and change the traffic
B502 | 327 | old TLS version | SSL 2, SSL 3 and TLS 1.0 can be broken
B503 | 327 | old TLS version as default | SSL 2, SSL 3 and TLS 1.0 can be broken
B504 | 327 | TLS without a version | The other side may pick one that is broken
B505 | 326 | short key | It can be computed from the public part
B506 | 502 | yaml.load without a safe loader | A document can create any object and so run code
B507 | 295 | unknown SSH hosts are trusted | Anybody on the way can pose as the host
B508 | 319 | SNMP without encryption | Everything, community strings included, crosses the network in clear
B509 | 319 | SNMP without encryption | Everything, credentials included, crosses the network in clear
B601 | 78 | command on another host | Text from outside becomes part of a command there
B602 | 78 | subprocess with a shell | Text from outside becomes part of a shell command
B604 | 78 | call with a shell | Text from outside becomes part of a shell command
B605 | 78 | process started through a shell | Text from outside becomes part of a shell command
B608 | 89 | SQL put together from text | Text from outside becomes part of the statement
B609 | 155 | wildcard in a command | A file whose name begins with a dash becomes an option of the command
B610 | 89 | extra of a Django query | Text from outside becomes part of the statement
B611 | 89 | RawSQL | Text from outside becomes part of the statement
B612 | 94 | logging configuration over a socket | Whoever sends it a configuration runs code
B614 | 502 | torch.load | Loading a foreign model runs the code in it
B615 | 494 | model loaded without a revision | Its owner can change what is loaded here at any time
B701 | 79 | Jinja2 without escaping | Text from outside becomes part of the page: cross-site scripting
B702 | 79 | Mako without escaping | Text from outside becomes part of the page: cross-site scripting
B703 | 79 | mark_safe on a variable | Text from outside becomes part of the page: cross-site scripting
B704 | 79 | Markup on a variable | Text from outside becomes part of the page: cross-site scripting
"""


def _weigh(code: str) -> Weight:
    severity = Severity.HIGH if code in _HIGH else Severity.LOW if code in _LOW else Severity.MEDIUM
    sure = Confidence.HIGH if code in _SURE else Confidence.LOW if code == "B113" else Confidence.MEDIUM
    return Weight(severity, sure)


RULES = read("bandit", _TEXT, _weigh)
