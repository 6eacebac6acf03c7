"""What comes next for a letter whose recipient's time has run out."""

from hotline.services import reminders


def follow_up(notice_id: int) -> None:
    """Remind of one letter where that goes by itself. Runs twice without harm."""
    reminders.follow(notice_id)
