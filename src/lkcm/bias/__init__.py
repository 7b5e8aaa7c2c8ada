"""Bias checks: small-study effects, selection and influence, one data set or many at once.

Each check has a function for one data set, which returns a frozen result with words where the
trials do not allow it, and a ``*_many`` form on tables of shape (k, B), a data set a column and
NaN where one has fewer trials, which returns a DataFrame with a data set a row.
"""
