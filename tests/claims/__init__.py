"""Tests of the claims: a package, since other parts have tests of the same names."""
