"""Comparators in groups: what a control arm controls for."""

import pandas as pd

#: Group of each kind of comparator. Mindfulness stands alone: head to head with LKCM it asks
#: another question than a control for attention does. An add-on design gives both arms the same
#: base and the control arm nothing more, as a passive control.
GROUP = {
    "no-treatment": "passive",
    "waitlist": "passive",
    "usual-care": "passive",
    "add-on": "passive",
    "attention": "active",
    "relaxation": "active",
    "psychotherapy": "active",
    "other-active": "active",
    "mindfulness": "mindfulness",
    "not-stated": "unknown",
}

#: Groups in the order in which pages show them, with the words for a reader.
GROUPS = {
    "passive": "passive comparators",
    "active": "active comparators",
    "mindfulness": "mindfulness",
    "unknown": "comparators not stated",
}


def comparator_group(comparator_type: pd.Series) -> pd.Series:
    """Return the group of each comparator; NaN for LKCM against another LKCM programme."""
    return comparator_type.map(GROUP)
