"""Version control of what the platform runs: experiments and, later, their promotion."""
