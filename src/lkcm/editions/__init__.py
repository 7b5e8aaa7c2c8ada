"""Editions: frozen versions of the book, what changed between two of them, and their site."""
