"""What credentials look like, after the rules that gitleaks' users meet most (https://github.com/gitleaks/gitleaks, MIT).

Each has literals of which one must occur before its pattern is tried; group 1 is the secret. No pattern may take time that grows
faster than the content: what repeats is bounded, and a token's first sign follows none that could belong to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.analysis.engines.engine import Rule
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
    whole: bool = (
        False  # it follows no sign that could belong to it; asked after the match, so that its first signs are sought
    )


_LIVE = Weight(Severity.CRITICAL, Confidence.HIGH)
_LIKELY = Weight(Severity.HIGH, Confidence.MEDIUM)
_MAYBE = Weight(Severity.MEDIUM, Confidence.MEDIUM)
_BEFORE, _BEHIND = rb"(?<![A-Za-z0-9_-])", rb"(?![A-Za-z0-9_-])"

_TOKENS = """
aws-key | AWS access key | akia asia abia acca | (?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}
aws-key | AWS Bedrock key | absk | ABSK[A-Za-z0-9+/]{109,269}={0,2}
github-token | GitHub token | ghp_ gho_ ghu_ ghs_ ghr_ | gh[pousr]_[A-Za-z0-9]{36,255}
github-token | GitHub token | github_pat_ | github_pat_[A-Za-z0-9_]{82}
gitlab-token | GitLab token | glpat- gldt- glrt- glcbt- glsoat- | gl(?:pat|dt|rt|soat)-[A-Za-z0-9_-]{20,64}|glcbt-[0-9a-zA-Z]{1,5}_[A-Za-z0-9_-]{20}
gitlab-token | GitLab trigger token | glptt- | glptt-[0-9a-f]{40}
slack-token | Slack token | xox | xox[abeoprs]-(?:\\d{1,15}-){0,4}[A-Za-z0-9]{16,120}
slack-token | Slack app token | xapp- | xapp-\\d-[A-Z0-9]{1,20}-\\d{1,20}-[a-z0-9]{20,80}
slack-webhook | Slack webhook | hooks.slack.com | hooks\\.slack\\.com/(?:services|workflows)/T[A-Z0-9]{6,12}/[AB][A-Z0-9]{6,12}/[A-Za-z0-9/]{20,60}
stripe-key | Stripe live key | k_live_ k_prod_ | [sr]k_(?:live|prod)_[0-9a-zA-Z]{24,120}
google-secret | Google client secret | gocspx- | GOCSPX-[A-Za-z0-9_-]{28}
openai-key | OpenAI key | t3blbkfj | sk-(?:[a-z]{2,10}-)?[A-Za-z0-9_-]{16,120}?T3BlbkFJ[A-Za-z0-9_-]{16,120}
anthropic-key | Anthropic key | sk-ant- | sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{80,120}
huggingface-token | Hugging Face token | hf_ api_org_ | (?:hf_|api_org_)[A-Za-z]{34}
npm-token | npm token | npm_ | npm_[A-Za-z0-9]{36}
pypi-token | PyPI token | pypi-ageichlwas5vcmc | pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,500}
rubygems-token | RubyGems token | rubygems_ | rubygems_[a-f0-9]{48}
sendgrid-key | SendGrid key | sg. | SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}
digitalocean-token | DigitalOcean token | dop_v1_ doo_v1_ dor_v1_ | do[opr]_v1_[a-f0-9]{64}
databricks-token | Databricks token | dapi | dapi[a-f0-9]{32}(?:-\\d)?
shopify-token | Shopify token | shpat_ shpca_ shppa_ shpss_ | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}
docker-token | Docker Hub token | dckr_pat_ | dckr_pat_[A-Za-z0-9_-]{27,32}
vault-token | Vault token | hvs. hvb. | hv[sb]\\.[A-Za-z0-9_-]{90,300}
terraform-token | Terraform token | atlasv1 | [a-zA-Z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}
atlassian-token | Atlassian token | atatt3 | ATATT3[A-Za-z0-9_=-]{186}
grafana-token | Grafana token | glsa_ | glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}
newrelic-key | New Relic key | nrak- | NRAK-[A-Z0-9]{27}
postman-key | Postman key | pmak- | PMAK-[a-f0-9]{24}-[a-f0-9]{34}
linear-key | Linear key | lin_api_ | lin_api_[A-Za-z0-9]{40}
age-key | age secret key | age-secret-key-1 | AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}
discord-webhook | Discord webhook | /api/webhooks/ | discord(?:app)?\\.com/api/webhooks/\\d{17,20}/[A-Za-z0-9_-]{60,72}
azure-secret | Azure client secret | q~ | [A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}
"""
"""Code, title, hints and the token itself; all of them are what only their issuer writes."""


def _token(line: str) -> CredentialRule:
    code, title, hints, pattern = (part.strip() for part in line.split(" | ", 3))
    bounded = re.compile(b"(" + pattern.encode() + b")" + _BEHIND)
    return CredentialRule(code, title, tuple(hints.encode().split()), bounded, _LIVE, whole=True)


def _rule(
    code: str, title: str, hints: str, pattern: bytes, weight: Weight = _LIKELY, weak: bool = True
) -> CredentialRule:
    return CredentialRule(code, title, tuple(hints.encode().split()), re.compile(pattern), weight, weak)


PATTERNS = (
    *(_token(line) for line in _TOKENS.strip().splitlines()),
    _rule("google-key", "Google API key", "aiza", _BEFORE + rb"(AIza[0-9A-Za-z_-]{35})" + _BEHIND, weak=False),
    _rule("azure-storage-key", "Azure storage key", "accountkey", rb"AccountKey=([A-Za-z0-9+/]{86}==)", _LIVE, False),
    _rule("azure-sas", "Azure access signature", "sig=", rb"[?&;]sig=([A-Za-z0-9%+/]{43,70}(?:%3[Dd]|=))", weak=False),
    _rule(
        "aws-secret",
        "AWS secret key",
        "aws",
        rb"(?i:aws.{0,20}(?:secret|key).{0,20}?[:=]\s{0,4}[\"']?)([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _rule("twilio-key", "Twilio key", "twilio", _BEFORE + rb"(SK[0-9a-f]{32}|AC[0-9a-f]{32}:[0-9a-f]{32})" + _BEHIND),
    _rule("mailgun-key", "Mailgun key", "mailgun", _BEFORE + rb"(key-[0-9a-f]{32})" + _BEHIND),
    _rule("mailchimp-key", "Mailchimp key", "mailchimp", _BEFORE + rb"([0-9a-f]{32}-us\d{1,2})" + _BEHIND),
    _rule("telegram-token", "Telegram bot token", ":aa", _BEFORE + rb"(\d{8,10}:AA[A-Za-z0-9_-]{33})" + _BEHIND),
    _rule(
        "private-key",
        "private key",
        "private key",
        rb"(-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,160}?[A-Za-z0-9+/]{40})",
        weak=False,
    ),
    _rule(
        "jwt",
        "JSON web token",
        "eyj",
        _BEFORE + rb"(eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000})" + _BEHIND,
        _MAYBE,
        False,
    ),
    _rule(
        "password-in-url",
        "password in an address",
        "://",
        rb"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@'\"<>]{0,64}:([^\s:/@'\"<>]{6,64})"
        rb"@(?!localhost|127\.|example\.|host\b)[\w.-]",
        _MAYBE,
    ),
    _rule(
        "connection-string",
        "password in a connection string",
        "password= pwd=",
        rb"(?i:(?:server|data source|host|endpoint)=[^;\n\"']{1,200};[^\n\"']{0,300}?(?:password|pwd)=)([^;\s\"']{6,128})",
        _MAYBE,
    ),
    _rule(
        "basic-authorization",
        "password in a header",
        "basic",
        rb"(?i:authorization[\"']?\]?\s{0,4}[:=,]\s{0,4}[\"']?basic\s{1,4})([A-Za-z0-9+/]{16,200}={0,2})(?![A-Za-z0-9+/=])",
        _MAYBE,
    ),
    _rule(
        "assigned-secret",
        "secret in the source",
        "key secret token passw passphrase credential",
        rb"(?i:api_?key|secret(?:_?key)?|(?:access|auth|bearer|refresh)_?token|password|passwd|passphrase|credentials?)"
        rb"[\"']?\]?\s{0,4}(?::(?: ?str)?\s{0,4}=?|=>?)\s{0,4}[\"']([^\"'\s]{8,200})[\"']",
        _MAYBE,
    ),
)
_REASON = "Whoever reads the repository, now or in its history, can use it"
RULES = tuple(
    Rule(f"secrets/{rule.code}", rule.title, rule.weight.severity, rule.weight.confidence, _REASON, 798)
    for rule in {rule.code: rule for rule in reversed(PATTERNS)}.values()
)
