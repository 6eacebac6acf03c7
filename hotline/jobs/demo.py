"""Jobs about invented data."""

from hotline.services import demo


def fill_desk(count: int) -> None:
    """Make the desk of a first start look lived-in."""
    demo.reports(count)
