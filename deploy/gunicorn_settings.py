"""gunicorn's settings for both sites: one process with threads, and no line that tells who visited."""

import os
import sys

from gunicorn.glogging import Logger  # type: ignore[import-untyped]


class TracelessLogger(Logger):  # type: ignore[misc]
    """Says that something failed, never for whom: gunicorn's own lines bear network addresses and whole paths."""

    def warning(self, msg: str, *args: object, **kwargs: object) -> None:
        """Drop warnings: the one about bad requests names the visitor's network address."""

    def exception(self, msg: str, *args: object, **kwargs: object) -> None:
        """Name the kind of error and its place in the code; leave out the address asked for and the error's text."""
        error = sys.exc_info()[1]
        trace = error.__traceback__ if error else None
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
        self.error("Web server: %s at %s", type(error).__name__, where)


workers = 1
worker_class = "gthread"
threads = 8
graceful_timeout = 6
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a heartbeat without a disk
control_socket_disable = True
forwarded_allow_ips = ""  # no peer is trusted here; the app decides by HOTLINE_TRUSTED_PROXIES
accesslog = None
errorlog = "-"
loglevel = "error"
logger_class = TracelessLogger
