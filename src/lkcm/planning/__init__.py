"""Planning what comes next: trials, the review itself, and practice in the moment."""


class PlanError(ValueError):
    """A plan that cannot be computed, with every reason in words."""


def refuse(problems: dict[str, bool]) -> None:
    """Refuse a plan whose problems are true, all of them at once.

    Parameters
    ----------
    problems : dict of str to bool
        What is wrong in words, and whether it is.

    Raises
    ------
    PlanError
        If any problem is true.
    """
    found = [words for words, wrong in problems.items() if wrong]
    if found:
        raise PlanError("; ".join(found))
