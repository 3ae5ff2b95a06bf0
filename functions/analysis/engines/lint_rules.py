"""The rules of ruff that are run: weakness and reason of each. Severities stand in `scale`."""

from __future__ import annotations

from functions.analysis.engines.rule_tables import read
from functions.analysis.engines.scale import RUFF

_TEXT = """
F631 | 670 | assert on a tuple | A tuple that is not empty is always true, so this assertion can never fail
F634 | 571 | condition is a tuple | A tuple that is not empty is always true, so the other branch is never taken
F701 | - | break outside a loop | Python refuses to compile the file
F702 | - | continue outside a loop | Python refuses to compile the file
F704 | - | yield outside a function | Python refuses to compile the file
F706 | - | return outside a function | Python refuses to compile the file
F707 | - | default except is not last | Python refuses to compile the file
F823 | 457 | local variable read before it is assigned | The call fails with UnboundLocalError
B016 | 704 | raise of a literal | Only exceptions can be raised: this fails with TypeError instead
B030 | 704 | except with something that is no exception class | The handler fails with TypeError when an exception arrives
PLE0117 | - | nonlocal without a binding | Python refuses to compile the file
PLE0118 | - | global name used before its declaration | Python refuses to compile the file
PLE1142 | - | await outside an async function | Python refuses to compile the file
F821 | 457 | undefined name | The code fails with NameError when it gets here
F501 | 628 | invalid % format | Formatting fails with ValueError
F502 | 628 | % format expects a mapping | Formatting fails with TypeError
F503 | 628 | % format expects a sequence | Formatting fails with TypeError
F504 | 628 | unused named arguments of a % format | What was meant to be shown is not
F505 | 628 | missing argument of a % format | Formatting fails with KeyError
F506 | 628 | positional and named placeholders mixed | Formatting fails with TypeError
F507 | 628 | number of placeholders and values differ | Formatting fails with TypeError
F508 | 628 | * in a % format needs a sequence | Formatting fails with TypeError
F509 | 628 | unknown % format character | Formatting fails with ValueError
F521 | 628 | invalid format string | Formatting fails with ValueError
F522 | 628 | unused named arguments of format | What was meant to be shown is not
F523 | 628 | unused positional arguments of format | What was meant to be shown is not
F524 | 628 | missing arguments of format | Formatting fails with KeyError or IndexError
F525 | 628 | automatic and manual numbering mixed | Formatting fails with ValueError
F601 | - | dictionary key repeated | The last value wins silently; the others are lost
F602 | - | dictionary key variable repeated | The last value wins silently; the others are lost
F632 | 595 | identity comparison with a literal | Whether equal literals are the same object is up to the interpreter
F633 | - | >> with print | It shifts the result of print instead of choosing a stream
F811 | 561 | redefinition of an unused name | The first definition can never be used: mostly a slip of copying
F822 | 457 | undefined name in __all__ | A star import of the module fails with AttributeError
F901 | 704 | raise of NotImplemented | NotImplemented is no exception: this fails with TypeError
B002 | 480 | doubled prefix sign | Python has no ++ or --: nothing is counted
B003 | - | assignment to os.environ | The real environment stays as it is, so child processes do not see the change
B005 | 628 | strip with several characters | It strips a set of characters, not a prefix or suffix
B006 | - | mutable default argument | One object is shared by all calls, so a change in one call shows in the next
B012 | 584 | jump in finally | It swallows the exception that was on its way
B020 | - | loop variable overrides what it iterates | The iterable is gone after the first round
B021 | - | f-string as docstring | Python does not take it for a docstring
B022 | 390 | suppress without an exception | It suppresses nothing
B025 | 561 | exception handled twice | The second handler is never reached
B029 | 390 | except with an empty tuple | It catches nothing
B031 | - | groupby group used twice | The group is empty the second time
B032 | 480 | annotation instead of assignment | Nothing is assigned: a colon stands where an equals sign was meant
B035 | - | fixed key in a dict comprehension | Only one entry is left at the end
B039 | - | mutable default of a ContextVar | One object is shared by all contexts
PIE796 | - | enum value twice | The second name becomes an alias of the first
T100 | 489 | debugger left in | The process stops and waits for a terminal
PLE0100 | 573 | yield in __init__ | Creating an object fails with TypeError
PLE0101 | 573 | value returned by __init__ | Creating an object fails with TypeError
PLE0115 | - | name is nonlocal and global | Python refuses to compile the file
PLE0116 | 584 | continue in finally | It swallows the exception that was on its way
PLE0237 | - | attribute not in __slots__ | The assignment fails with AttributeError
PLE0241 | - | base class twice | The class cannot be created: TypeError
PLE0302 | 628 | wrong signature of a special method | Python calls it with other arguments: TypeError
PLE0704 | 703 | bare raise outside a handler | It fails with RuntimeError
PLE1132 | 628 | keyword argument twice | The call fails with TypeError
PLE1205 | 628 | too many arguments of a logging call | The record is lost and an error is printed in its place
PLE1206 | 628 | too few arguments of a logging call | The record is lost and an error is printed in its place
PLE1300 | 628 | unknown format character | Formatting fails with ValueError
PLE1307 | 628 | argument does not fit its format | Formatting fails with TypeError
PLE1310 | 628 | strip with repeated characters | It strips a set of characters, not a prefix or suffix
PLE1507 | 628 | os.getenv asked for something that is no text | The call fails with TypeError
PLE1519 | 628 | singledispatch on a method | It dispatches on self, never on the argument
PLE1520 | 628 | singledispatchmethod on a function | The call fails with TypeError
PLE1700 | - | yield from in an async function | Python refuses to compile the file
PLW0128 | 563 | name assigned twice at once | The first value is lost
PLW0129 | 670 | assertion on a text | It always holds, or never
PLW0133 | 390 | exception made but not raised | A raise is missing, so the error passes unnoticed
PLW0177 | 697 | comparison with NaN | NaN equals nothing, itself included
PLW0245 | 628 | super without brackets | It is the type, not the parent: the attribute is missing
PLW0406 | - | module imports itself | Names may be missing while the module is half loaded
PLW0711 | 390 | and/or between exceptions | Only one of the two is caught
PLW1501 | 628 | invalid mode for open | The call fails with ValueError
PLW2101 | 667 | lock made in its own with statement | Each caller gets a lock of its own, so nothing is guarded
RUF008 | - | mutable dataclass default | One object is shared by all instances
RUF016 | 704 | index of a wrong type | The access fails with TypeError
B019 | 401 | cache on a method | The cache keeps every instance alive
B023 | - | closure over a loop variable | All closures see the last value of the loop
RUF006 | - | task without a reference | The event loop keeps weak references only: the task may vanish half done
PLW1509 | 362 | preexec_fn beside threads | The child may deadlock before it runs
ASYNC100 | - | cancel scope without await | It can never be cancelled, so its timeout does nothing
ASYNC210 | 1322 | blocking HTTP call in async code | All other tasks wait for the answer
ASYNC220 | 1322 | blocking subprocess in async code | All other tasks wait while it starts
ASYNC221 | 1322 | blocking process run in async code | All other tasks wait until it ends
ASYNC222 | 1322 | blocking wait in async code | All other tasks wait until the process ends
ASYNC230 | 1322 | blocking open in async code | All other tasks wait for the disk
ASYNC251 | 1322 | blocking sleep in async code | All other tasks sleep too
F402 | - | import shadowed by a loop variable | The module cannot be reached after the loop
F404 | - | late __future__ import | Python refuses to compile the file
F841 | 563 | local variable never used | A result is thrown away: mostly a forgotten use or a leftover
F842 | 563 | annotated local variable never used | A leftover, or an assignment that is missing
B004 | 628 | hasattr for callable | It is true for objects that cannot be called
B011 | 617 | assert False | It vanishes under python -O, so the code runs on
B014 | 561 | exception listed twice in a handler | One of them has no effect
B015 | 482 | comparison without effect | Its result is thrown away: an assignment or an assertion was meant
B017 | 396 | test expects any exception | A typing slip in the test makes it pass
B018 | 1164 | expression without effect | Its result is thrown away: a call or an assignment was meant
B026 | 628 | star argument after a keyword | It is unpacked before the keyword, whatever the order looks like
B033 | - | value twice in a set | The second is lost, so another was probably meant
B034 | 628 | flags of re passed by position | The third argument is a count or a limit, not the flags
E721 | 697 | comparison of types | It is false for subclasses
E722 | 396 | bare except | It catches KeyboardInterrupt and SystemExit too, and hides every mistake
W605 | - | invalid escape sequence | Python will refuse it in a future release
PIE794 | 563 | class field twice | The first one is lost
PLW0127 | 480 | assignment to itself | It does nothing: another name was meant
PLW0131 | 482 | walrus without a use | A plain assignment was meant
PLW0211 | 628 | static method with self | The first argument is not the instance
PLW1508 | 704 | default of an environment variable is no text | Readers get two types for one setting
PLR0124 | 697 | comparison with itself | The answer is known beforehand: another name was meant
RUF009 | - | call in a dataclass default | It is called once and its result shared by all instances
RUF034 | 1164 | if-else with equal branches | The condition decides nothing
YTT101 | 697 | slice of sys.version | It reads 3.1 for 3.10 and later
YTT102 | 697 | index into sys.version | It reads 1 for the minor version of 3.10 and later
YTT103 | 697 | comparison of sys.version as text | 3.10 sorts before 3.9
YTT201 | 697 | sys.version_info[0] == 3 | It is false from Python 4 on
YTT202 | - | six.PY3 | It is false from Python 4 on
YTT203 | 697 | sys.version_info[1] compared with a number | It forgets the major version
YTT204 | 697 | sys.version_info.minor compared with a number | It forgets the major version
YTT301 | 697 | first character of sys.version | It reads 1 from Python 10 on
YTT302 | 697 | comparison of sys.version as text | Python 10 sorts before 3
YTT303 | 697 | slice of sys.version | It reads 1 from Python 10 on
F401 | 1164 | import never used | It costs time at the start and misleads readers
F403 | - | star import | Nobody can tell where a name comes from, tools included
"""
RULES = read("ruff", _TEXT, RUFF.__getitem__)
