"""What counts as an e-mail address and as a password (ASVS 5.0: 6.2.1, 6.2.4, 6.2.5, 6.2.8)."""

from __future__ import annotations

import re
import unicodedata

from functions.auth.model.common import COMMON
from kernel.errors import Invalid

SHORTEST_PASSWORD = 8  # characters
LONGEST_PASSWORD = 256  # characters, before and after normalising: NFKC may grow a text 18 times
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
)
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})  # these read a.da+x@ and ada@ as one mailbox


def email_of(text: str) -> str:
    """Return the address in lower case.

    Only ASCII addresses are taken, after NFKC: letters that look alike would make two accounts of one name.

    Raises:
        Invalid: it is not an address.
    """
    if len(text) > LONGEST_EMAIL:
        raise Invalid("this is not an e-mail address", code="bad_email")
    address = unicodedata.normalize("NFKC", text).strip().lower()
    if len(address) > LONGEST_EMAIL or _EMAIL.fullmatch(address) is None:
        raise Invalid("this is not an e-mail address", code="bad_email")
    return address


def email_key(address: str) -> str:
    """Return what all spellings of the mailbox `address` have in common."""
    local, _, domain = address.partition("@")
    if domain in _DOTLESS:
        local, domain = local.partition("+")[0].replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def normalised(password: str) -> str:
    """Return the password as it is hashed: NFKC, so that every keyboard's spelling is the same.

    Raises:
        Invalid: it is longer than 256 characters or contains NUL; nothing is ever cut off.
    """
    if len(password) <= LONGEST_PASSWORD and "\0" not in password:
        password = unicodedata.normalize("NFKC", password)
        if len(password) <= LONGEST_PASSWORD:
            return password
    raise Invalid(f"a password has at most {LONGEST_PASSWORD} characters and no NUL", code="bad_password")


def new_password(password: str, *, email: str, name: str) -> str:
    """Return a password that somebody may choose, as it is hashed.

    Raises:
        Invalid: it is too short, too long, among the common ones, or the person's own name or address.
    """
    chosen = normalised(password)
    if len(chosen) < SHORTEST_PASSWORD:
        raise Invalid(f"a password has at least {SHORTEST_PASSWORD} characters", code="bad_password")
    guessed = {email, email.partition("@")[0], name.casefold(), name.casefold().replace(" ", "")}
    folded = chosen.casefold()
    if folded in COMMON or folded in guessed or len(set(folded)) < 3:
        raise Invalid("this password is among the first that others would try", code="common_password")
    return chosen
