"""What tests of services ask for beside the office itself."""

import pytest
from flask import Flask

from hotline import vault
from hotline.config import settings
from hotline.vault import Lock


@pytest.fixture
def support(office: Flask) -> Flask:
    """The office, holding the private half of victim files too, as the desk's process does."""
    halves = vault.load(settings().keys_dir, private=[Lock.CARE], public_secrets=False, blinds=False).halves
    office.extensions["hotline.keyring"].halves |= halves
    return office
