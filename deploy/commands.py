"""`flask` in a fork of the supervisor: the app's own commands, and none that packages bring.

Flask would load those in every process that runs a command, with a library for coloured tables: 10 MB and 0.2 seconds.
"""

import os

import app


def main() -> None:
    """Run the command that the command line names, inside the app's context."""
    os.environ["FLASK_RUN_FROM_CLI"] = "true"  # as `flask` does: `app` gives the back office then
    office = app.app
    with office.app_context():
        office.cli.main(prog_name="flask")
