"""The build: from executed notebooks to a published book."""
