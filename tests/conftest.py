"""Settings and a browser that all tests share."""

import os
import shutil

import hypothesis
import pytest

# Two cores are shared with notebooks and browsers: a slow example says nothing about the code.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session")
def browser():
    """Chromium; one for all tests of a worker, since Playwright allows one loop a thread."""
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "chromium is not installed (Debian: apt-get install chromium)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Debian's Chromium asks for GPU rasterization, which CI's machines do not have.
        plain = ["--no-sandbox", "--disable-gpu"]
        launched = playwright.chromium.launch(executable_path=chromium, args=plain)
        yield launched
        launched.close()
