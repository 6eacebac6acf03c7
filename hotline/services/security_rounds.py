"""What the security protocol needs done without anybody asking, in the sweeper's rounds."""

from hotline.services import networks, protocols, room_entries, trainings


def go() -> None:
    """Ask who has to read, let go of closed accounts, erase what visitors were called, note networks that changed."""
    networks.note()
    protocols.sweep()
    trainings.sweep()
    room_entries.sweep()
