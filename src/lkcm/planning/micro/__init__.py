"""Micro-randomised trials and practice from day to day."""
