"""The commentary's claims, each decided by a named check over the evidence."""
