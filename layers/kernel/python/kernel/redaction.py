"""Takes secrets out of text before it leaves the platform, and out of what comes back. Standard library only.

Few patterns of high precision: known shapes of tokens, keys in PEM, passwords in URLs, and literals that are
assigned to a name that says what they are. Quantifiers are bounded, so no input makes them slow.
"""

from __future__ import annotations

import re

_SHAPES = {
    "private key": r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
    "AWS key": r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_[A-Za-z0-9_]{20,255}",
    "GitLab token": r"\bglpat-[\w-]{20,255}",
    "Slack token": r"\bxox[abeoprs]-[\w-]{10,255}|hooks\.slack\.com/services/[\w/]{20,100}",
    "Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}",
    "model key": r"\bsk-[\w-]{20,255}|\bhf_[A-Za-z0-9]{30,255}",
    "Google key": r"\bAIza[\w-]{35}|\bya29\.[\w-]{20,255}|\bGOCSPX-[\w-]{20,100}",
    "package token": r"\bnpm_[A-Za-z0-9]{36}|\bpypi-[\w-]{16,255}",
    "SendGrid key": r"\bSG\.[\w-]{16,64}\.[\w-]{16,64}",
    "JWT": r"\beyJ[\w-]{8,4000}\.eyJ[\w-]{8,4000}\.[\w-]{8,4000}",
    "password": r"(?<=://)[^\s:/@'\"]{1,100}:[^\s/@'\"]{1,200}(?=@)",
    "base64": r"(?m)^(?:\d{1,9}: )?\s{0,20}['\"]?[A-Za-z0-9+/]{60,76}={0,2}['\"]?,?\s{0,5}$",
}
_SHAPED = [(re.compile(shape), f"[redacted: {name}]") for name, shape in _SHAPES.items()]
_SAYS_SO = r"(?:password|passwd|pwd|passphrase|secret|token|api_?-?key|access_?-?key|credential)[\w.-]{0,40}"
_ASSIGNED = re.compile(
    rf"({_SAYS_SO}['\"]?\]?\s{{0,10}}(?::=|=>|==|=|:)\s{{0,10}}[rbuf]{{0,2}})(['\"])([^'\"\n]{{6,500}})\2",
    re.IGNORECASE,
)
_DOTENV = re.compile(
    r"(?m)^((?:\d{1,9}: )?(?:export )?[A-Z0-9_]{0,40}(?:PASSWORD|SECRET|TOKEN|KEY)[A-Z0-9_]{0,40}=)([^\s'\"$(<]{8,500})$"
)
_HEADER = re.compile(r"(\b(?:bearer|basic)\s)([\w.~+/-]{16,4000}={0,2})", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` with what looks like a secret replaced by `[redacted: kind]`."""
    for shape, mark in _SHAPED:
        text = shape.sub(mark, text)
    text = _ASSIGNED.sub(r"\1\2[redacted: literal]\2", text)
    text = _DOTENV.sub(r"\1[redacted: literal]", text)
    return _HEADER.sub(r"\1[redacted: credentials]", text)
