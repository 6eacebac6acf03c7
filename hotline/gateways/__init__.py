"""The outside world: for each system a protocol, the real one, and a quiet twin."""
