"""Why nothing was started."""


class CannotStartError(Exception):
    """The portal cannot start; the text is the one line that a person reads."""
