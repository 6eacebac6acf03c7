"""Domain errors. Each carries the HTTP status the web answers, and never an address or a person's words."""


class DomainError(Exception):
    """Something the domain refuses. `status` is what a browser gets."""

    status = 400


class NotFound(DomainError):
    """No such record, or not this person's to see: the two look the same."""

    status = 404


class Forbidden(DomainError):
    """The person's roles do not open this, whether or not it exists."""

    status = 403


class WrongState(DomainError):
    """The record is not in a state that allows this, or somebody else holds it."""

    status = 409


class Overtaken(WrongState):
    """Something newer stands than what this was based on; nothing was overwritten."""


class HandsFull(DomainError):
    """The person has as much in hand as one may have at once."""

    status = 409


class LightWorkOnly(DomainError):
    """No hard material is for this person now. `why` is a code of `rules/care.Why`."""

    status = 409

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class GateClosed(DomainError):
    """Nothing may leave: two people have not agreed, or the table of channels says no."""

    status = 409


class Refused(DomainError):
    """Input that cannot be accepted. `faults` is a tuple of (field, code) for the form."""

    status = 422

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(", ".join(f"{field}:{code}" for field, code in faults))
        self.faults = faults


class StorageFull(DomainError):
    """Nothing can be written now: the disk is full or the database cannot be reached."""

    status = 503


class KeyMissing(DomainError):
    """This process does not hold the key that opens a value."""

    status = 500


class Unreadable(DomainError):
    """A sealed value does not open: wrong key, wrong purpose, or damaged."""

    status = 500


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one line that names it."""
