"""Reviews by language models: prompts, answers, and what is kept of them."""
