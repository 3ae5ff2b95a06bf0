"""The emulator's own API under `/_emulator`: what runs, what happened, and what to do about it."""
