"""Jobs about ICCAM."""

from flask import current_app

from hotline.services import iccam


def send_steps(item_id: int) -> None:
    """Tell ICCAM the steps of one item that are due. It ends transactions of its own."""
    iccam.send_steps(item_id, client=current_app.extensions.get("hotline.iccam"))
