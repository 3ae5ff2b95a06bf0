"""Commands that talk to a running emulator: invoke, watch, replay, turn the clock, ask for faults."""
