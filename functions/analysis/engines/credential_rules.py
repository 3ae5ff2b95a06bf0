"""What credentials look like. Each rule has literals that must occur before its pattern is tried; group 1, or all, is the secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.analysis.engines.scale import Weight
from functions.analysis.model import Confidence, Severity


@dataclass(frozen=True, slots=True)
class CredentialRule:
    """`hints` are lower case; a `weak` rule knows the form but not the issuer, so its match is judged by its looks."""

    code: str
    title: str
    hints: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    weight: Weight
    weak: bool = False


_LIVE = Weight(Severity.CRITICAL, Confidence.HIGH)
_LIKELY = Weight(Severity.HIGH, Confidence.MEDIUM)
_MAYBE = Weight(Severity.MEDIUM, Confidence.MEDIUM)


def _rule(
    code: str, title: str, hints: str, pattern: bytes, weight: Weight = _LIVE, weak: bool = False
) -> CredentialRule:
    return CredentialRule(code, title, tuple(hints.encode().split()), re.compile(pattern), weight, weak)


RULES = (
    _rule("aws-key", "AWS access key", "akia asia", rb"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b"),
    _rule(
        "aws-secret",
        "AWS secret key",
        "aws",
        rb"(?i:aws.{0,20}(?:secret|key).{0,20}?[:=]\s{0,4}[\"']?)([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        _LIKELY,
        True,
    ),
    _rule("github-token", "GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rb"\b(gh[pousr]_[A-Za-z0-9]{36,255})\b"),
    _rule("github-token", "GitHub token", "github_pat_", rb"\b(github_pat_[A-Za-z0-9_]{82})\b"),
    _rule("gitlab-token", "GitLab token", "glpat-", rb"\b(glpat-[A-Za-z0-9_-]{20,64})(?![\w-])"),
    _rule("slack-token", "Slack token", "xox", rb"\b(xox[abeoprs]-(?:\d+-)*[A-Za-z0-9-]{16,})"),
    _rule(
        "slack-webhook",
        "Slack webhook",
        "hooks.slack.com",
        rb"(hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,})",
    ),
    _rule("stripe-key", "Stripe live key", "k_live_", rb"\b([sr]k_live_[0-9a-zA-Z]{24,})\b"),
    _rule("google-key", "Google API key", "aiza", rb"\b(AIza[0-9A-Za-z_-]{35})(?![\w-])", _LIKELY),
    _rule("openai-key", "OpenAI key", "t3blbkfj", rb"\b(sk-[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,})"),
    _rule("anthropic-key", "Anthropic key", "sk-ant-", rb"\b(sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,})"),
    _rule("huggingface-token", "Hugging Face token", "hf_", rb"\b(hf_[A-Za-z]{34})\b"),
    _rule("npm-token", "npm token", "npm_", rb"\b(npm_[A-Za-z0-9]{36})\b"),
    _rule("pypi-token", "PyPI token", "pypi-ageichlwas5vcmc", rb"\b(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})"),
    _rule("sendgrid-key", "SendGrid key", "sg.", rb"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?![\w-])"),
    _rule("azure-storage-key", "Azure storage key", "accountkey", rb"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _rule(
        "private-key",
        "private key",
        "private key",
        rb"(-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,160}?[A-Za-z0-9+/]{40})",
        _LIKELY,
    ),
    _rule(
        "jwt",
        "JSON web token",
        "eyj",
        rb"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,})",
        _MAYBE,
    ),
    _rule(
        "password-in-url",
        "password in an address",
        "://",
        rb"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@'\"<>]{1,64}:([^\s:/@'\"<>]{6,64})@(?!localhost|127\.|example\.|host\b)[\w.-]+",
        _MAYBE,
        True,
    ),
    _rule(
        "assigned-secret",
        "secret in the source",
        "key secret token passw passphrase credential",
        rb"(?i:api_?key|secret(?:_?key)?|(?:access|auth|bearer|refresh)_?token|password|passwd|passphrase|credentials?)"
        rb"[\"']?\]?\s{0,4}(?::(?: ?str)?\s{0,4}=?|=>?)\s{0,4}[\"']([^\"'\s]{8,200})[\"']",
        _MAYBE,
        True,
    ),
)
