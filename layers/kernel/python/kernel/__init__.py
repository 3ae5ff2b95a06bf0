"""What all domains share and none owns: the edges, the unit of work, and the ways to the outside."""
