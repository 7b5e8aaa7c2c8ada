"""Write the Parquet files of this folder, by pyarrow 26.0.1 and pandas 3.1.1.

R's arrow is the same Arrow library. None of these is needed to read the files.
"""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
table = pa.table(
    {
        "code": ["p1", "p2", "p3", "p4", "p5", "p6"],
        "group": pa.array([1, 2, 1, 2, 1, 2], pa.int32()),
        "visit": [date(2020, 1, 7), None, *[date(2020, 2, 3)] * 4],
        "sex": pa.array(["f", "m", None, "f", "m", "f"]).dictionary_encode(),
        "years": pa.array([31, None, 42, 28, 55, 39], pa.int8()),
        "class": ["A", None, "A", None, "B", ""],
        "scs_t1": [2.5, 3.0, 1.5, 4.0, 3.5, 2.0],
        "scs_t2": [3.5, None, 2.5, 4.5, float("nan"), 2.0],
        "event": [False, None, True, False, False, True],
    }
)
# As R's arrow and pyarrow write by default, and as pandas does, with a category and its own notes.
pq.write_table(table, HERE / "arrow.parquet")
frame = table.to_pandas(date_as_object=True)
assert isinstance(frame["sex"].dtype, pd.CategoricalDtype)
frame.to_parquet(HERE / "pandas.parquet")
# What newer writers choose: zstandard, the second form of pages, differences instead of values.
pq.write_table(
    table,
    HERE / "newer.parquet",
    compression="zstd",
    data_page_version="2.0",
    row_group_size=2,
    use_dictionary=["sex"],
    column_encoding={"code": "DELTA_BYTE_ARRAY", "group": "DELTA_BINARY_PACKED"},
)
pq.write_table(pa.table([[1, 2], [3, 4]], names=["age", "age"]), HERE / "twice.parquet")
pq.write_table(pa.table({"scores": [[1, 2], [3]]}), HERE / "lists.parquet")
