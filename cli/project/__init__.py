"""Commands about a project that is reviewed already: findings, gate, settings, versions, graph."""
