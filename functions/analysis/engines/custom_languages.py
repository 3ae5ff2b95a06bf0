"""Languages that a project's own rules can be about: our names, and ast-grep's."""

from __future__ import annotations

from functions.analysis.engines.words import words

LANGUAGES = {
    **{
        name: name
        for name in words("python javascript typescript tsx java kotlin scala c cpp csharp go rust swift dart php")
    },
    **{name: name for name in words("ruby lua elixir haskell html css json yaml solidity")},
    "shell": "bash",
    "terraform": "hcl",
}
"""Our name of a language to ast-grep's."""
ALIASES = {
    "py": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "kt": "kotlin",
    "c++": "cpp",
    "cc": "cpp",
    "cs": "csharp",
    "golang": "go",
    "rs": "rust",
    "rb": "ruby",
    "bash": "shell",
    "sh": "shell",
    "hcl": "terraform",
    "yml": "yaml",
}
