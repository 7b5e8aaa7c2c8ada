"""The evidence tables: one pandera model a table, in the order in which data flow.

A table of another review needs few columns: `REQUIRED_COLUMNS` says which. Everything else is
added by the loader (see :mod:`lkcm.evidence.load`), so that a chapter may rely on all columns.
"""

from pandera.pandas import DataFrameModel

from lkcm.evidence.effect_tables import Effects, HarmsContext, SecondReading
from lkcm.evidence.search_tables import Queries, Records, Screening
from lkcm.evidence.side_tables import (
    Agreement,
    Claims,
    Corrections,
    Instruments,
    ReferenceEstimates,
)
from lkcm.evidence.trial_tables import Trials

TABLES: dict[str, type[DataFrameModel]] = {
    "queries": Queries,
    "records": Records,
    "screening": Screening,
    "trials": Trials,
    "effects": Effects,
    "second_reading": SecondReading,
    "agreement": Agreement,
    "harms_context": HarmsContext,
    "instruments": Instruments,
    "reference_estimates": ReferenceEstimates,
    "claims": Claims,
    "corrections": Corrections,
}

#: A folder without these is not a review; all other tables are optional.
REQUIRED_TABLES = ("trials", "effects")

#: The columns that tell one row from another; joined by "/" they are a problem's `row_id`.
KEYS: dict[str, tuple[str, ...]] = {
    "queries": ("query_id",),
    "records": ("record_id",),
    "screening": ("record_id", "reader"),
    "trials": ("trial_id",),
    "effects": ("effect_id",),
    "second_reading": ("reading_id",),
    "agreement": ("source", "construct", "reporter_a", "reporter_b"),
    "harms_context": ("effect_id",),
    "instruments": ("instrument_id",),
    "reference_estimates": ("ref_id",),
    "claims": ("claim_id",),
    "corrections": ("table", "row_id", "column"),
}

#: Columns that point to a row of another table: column -> (table, its column).
REFERENCES: dict[str, dict[str, tuple[str, str]]] = {
    "records": {"query_id": ("queries", "query_id"), "trial_id": ("trials", "trial_id")},
    "screening": {
        "record_id": ("records", "record_id"),
        "query_id": ("queries", "query_id"),
        "trial_id": ("trials", "trial_id"),
    },
    "effects": {"trial_id": ("trials", "trial_id"), "same_result_as": ("effects", "effect_id")},
    "second_reading": {"trial_id": ("trials", "trial_id")},
}

#: Of each group of columns a table needs at least one.
ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "trials": (("title", "authors", "year"),),
    "effects": (
        ("stat_value", "p_value", "mean_t", "mean_change_t", "events_t", "sign", "direction"),
    ),
    "corrections": (("old",), ("new",)),
}


def column_metadata(table: str) -> dict[str, dict]:
    """Metadata of each column of a table (see :mod:`lkcm.evidence.fields`), keys first."""
    columns = {name: field.metadata for name, field in TABLES[table].to_schema().columns.items()}
    return {name: columns[name] for name in [*KEYS[table], *columns]}


REQUIRED_COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(name for name, data in column_metadata(table).items() if data["required"])
    for table in TABLES
}
