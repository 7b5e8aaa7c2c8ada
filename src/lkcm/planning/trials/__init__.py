"""Sizes of future trials, and the power that past ones had."""
