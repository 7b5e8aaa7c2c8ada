"""Tests of `lkcm.bias`: a package, since other parts have tests of the same names."""
