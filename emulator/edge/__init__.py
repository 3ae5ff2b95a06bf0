"""Port 4566: the APIs of AWS, and the emulator's own under `/_emulator`."""
