"""Tests of `lkcm.harms`: a package, since other parts have tests of the same names."""
