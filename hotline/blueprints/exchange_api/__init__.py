"""Partner hotlines' door on the public surface: JSON, signed, for programs."""
