"""What every test may ask for: the repository, the shared data, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

# On two busy cores a single example may take long; what is wrong shows in its answer.
settings.register_profile("geoplan", deadline=None)
settings.load_profile("geoplan")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout, which is also the sample study."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data(repository: Path) -> Path:
    """The folder of real layers beside the checkout; the test is skipped where it is absent."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the system; the test is skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on this machine: `make test` installs it where apt is allowed")
    sandbox = [] if os.getuid() else ["--no-sandbox"]  # Chromium refuses root with its sandbox
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield opened
        opened.close()
