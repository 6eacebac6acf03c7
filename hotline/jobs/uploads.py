"""Jobs about uploaded lists."""

from hotline.services import uploads


def work_off_list(upload_id: int) -> None:
    """Work off some of a list. It ends transactions of its own, so that nobody waits for all of it."""
    uploads.work_off(upload_id)
