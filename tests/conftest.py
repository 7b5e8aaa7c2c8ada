"""Settings that all tests share."""

import hypothesis

# Two cores are shared with notebooks and browsers: a slow example says nothing about the code.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
