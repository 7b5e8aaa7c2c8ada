"""Tests of `lkcm.ipd`: a package, since other parts have tests of the same names."""
