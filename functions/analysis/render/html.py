"""The report as one file of HTML: no scripts, nothing from elsewhere, readable by ear and in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.analysis.lifecycle import REASONS, Analysis
from functions.analysis.render.plain import visible
from functions.analysis.results import SEVERITIES, FileRow, ListedFinding

if TYPE_CHECKING:
    from jinja2 import Template

MOST_FINDINGS = 1_000
MOST_FILES = 200
LONGEST = 500  # characters of anything foreign

_SOURCE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<title>coderev: {{ analysis.new_findings }} new findings</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --quiet: #57606a; --edge: #8c959f; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #9198a1; --edge: #6e7681; --link: #79c0ff; }
}
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 75rem; padding: 1rem; }
a { color: var(--link); } a:focus-visible { outline: 3px solid; }
.skip:not(:focus) { position: absolute; left: -999rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: start; font-weight: 600; padding: .25rem 0; }
th, td { border: 1px solid var(--edge); padding: .25rem .5rem; text-align: start; vertical-align: top; }
td.number { text-align: end; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; } .quiet { color: var(--quiet); }
</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<h1>Report of an analysis</h1>
<p>Version <code>{{ analysis.version_id }}</code>{% if analysis.branch %} of <code><bdi>{{ analysis.branch | shown }}</bdi></code>{% endif %}{% if analysis.commit %}, commit <code><bdi>{{ analysis.commit | shown }}</bdi></code>{% endif %}.
{% if analysis.gate in ("passed", "failed") %}<strong>Quality gate {{ analysis.gate }}.</strong>{% endif %}</p>
</header>
<main>
<h2>Summary</h2>
<div class="wide"><table>
<caption>Findings by severity</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">New</th><th scope="col">All</th></tr></thead>
<tbody>{% for name in severities %}<tr><th scope="row">{{ name }}</th><td class="number">{{ analysis.new_by_severity.get(name, 0) }}</td><td class="number">{{ analysis.findings_by_severity.get(name, 0) }}</td></tr>
{% endfor %}</tbody></table></div>
<p>{{ analysis.fixed_findings }} fixed, {{ analysis.dismissed_findings }} dismissed.
{{ analysis.totals.files }} files with {{ analysis.totals.lines }} lines; {{ analysis.totals.skipped }} were not read.</p>
{% if analysis.measures %}<div class="wide"><table>
<caption>Measures of the project</caption>
<thead><tr><th scope="col">Measure</th><th scope="col">Value</th></tr></thead>
<tbody>{% for name, value in analysis.measures | dictsort %}<tr><th scope="row">{{ name.replace("_", " ") | shown }}</th><td class="number">{{ "%g" | format(value) }}</td></tr>
{% endfor %}</tbody></table></div>{% endif %}
{% if analysis.notes %}<ul>{% for note in analysis.notes[:50] %}<li>{{ note | shown }}</li>{% endfor %}</ul>{% endif %}
<h2 id="findings" tabindex="-1">Findings</h2>
{% if findings %}<div class="wide"><table>
<caption>{% if total > findings | length %}The worst {{ findings | length }} of {{ total }} findings{% else %}All findings{% endif %}</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Place</th><th scope="col">Finding</th><th scope="col">Rule</th><th scope="col">State</th></tr></thead>
<tbody>{% for one in findings %}<tr><td>{{ one.severity }}</td><td><code><bdi>{{ one.path | shown }}</bdi>:{{ one.line }}</code></td>
<td><bdi>{{ (one.message or one.title) | shown }}</bdi>{% if one.fix %}<br><span class="quiet">Fix: <bdi>{{ one.fix | shown }}</bdi></span>{% endif %}</td>
<td>{% if one.help | is_link %}<a href="{{ one.help }}" rel="noopener noreferrer nofollow"><code>{{ one.rule | shown }}</code></a>{% else %}<code>{{ one.rule | shown }}</code>{% endif %}</td>
<td>{{ "dismissed" if one.state == "dismissed" else "new" if one.new else "known" }}</td></tr>
{% endfor %}</tbody></table></div>{% else %}<p>There are none.</p>{% endif %}
<h2>Files</h2>
{% if files %}<div class="wide"><table>
<caption>{{ files | length }} files that were not read or are the most complex</caption>
<thead><tr><th scope="col">File</th><th scope="col">Lines</th><th scope="col">Most complex function</th><th scope="col">Read</th></tr></thead>
<tbody>{% for row in files %}<tr><th scope="row"><code><bdi>{{ row.path | shown }}</bdi></code></th><td class="number">{{ row.lines }}</td><td class="number">{{ row.max_cognitive }}</td>
<td>{{ (reasons.get(row.reason, row.reason) if row.reason else row.status or "") | shown }}</td></tr>
{% endfor %}</tbody></table></div>{% else %}<p>There are none.</p>{% endif %}
</main>
<footer><p class="quiet">Analysis <code>{{ analysis.id }}</code>, engines <code>{{ analysis.engine_set | shown }}</code></p></footer>
</body>
</html>
"""


def render(analysis: Analysis, findings: Sequence[ListedFinding], files: Sequence[FileRow]) -> bytes:
    """`findings` come worst first; `files` are those worth a look, in order."""
    total = sum(analysis.findings_by_severity.values()) + analysis.dismissed_findings
    listed, shown = findings[:MOST_FINDINGS], files[:MOST_FILES]
    given: dict[str, Any] = {"analysis": analysis, "findings": listed, "files": shown, "total": total}
    return _template().render(**given, severities=SEVERITIES, reasons=REASONS).encode(errors="replace")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"shown": lambda said: visible(str(said), LONGEST), "is_link": _is_link}
    return environment.from_string(_SOURCE)


def _is_link(said: str) -> bool:
    return said.startswith("https://") and said.isascii() and said.isprintable() and len(said) <= LONGEST
