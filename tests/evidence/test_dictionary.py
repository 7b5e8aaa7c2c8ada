import json

import pytest

from lkcm.evidence.dictionary import (
    _escape,
    datapackage,
    dictionary_markdown,
    write_datapackage,
)
from lkcm.evidence.schemas import TABLES, column_metadata
from lkcm.paths import ROOT

DATA = ROOT / "data"


def test_the_data_package_is_current():
    stored = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    hint = 'renew it: python -c "from lkcm.evidence.dictionary import *; write_datapackage()"'
    assert stored == datapackage(DATA), hint


def test_the_data_package_has_the_tables_and_columns_of_the_folder(write, rows):
    folder = write({name: rows[name] for name in ("trials", "effects")})
    package = json.loads(write_datapackage(folder).read_text(encoding="utf-8"))
    assert [r["path"] for r in package["resources"]] == ["trials.csv", "effects.csv"]
    fields = [[f["name"] for f in r["schema"]["fields"]] for r in package["resources"]]
    assert fields == [["trial_id", "title"], ["effect_id", "trial_id", "outcome", "sign"]]
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert sorted(p.name for p in folder.iterdir()) == [
        "datapackage.json",
        "effects.csv",
        "trials.csv",
    ]


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("trials", "pct_female", {"minimum": 0, "maximum": 100}),
        ("effects", "df1", {"exclusiveMinimum": 0}),
        ("effects", "sign", {"enum": ["+", "-", "?"]}),
        ("effects", "effect_id", {"required": True, "pattern": "^[^\\r\\n]{1,120}$"}),
        ("trials", "year", {"minimum": 1950}),
        ("trials", "notes", None),
    ],
)
def test_constraints_of_a_field(table, column, expected):
    [resource] = [r for r in datapackage(DATA)["resources"] if r["name"] == table]
    [field] = [f for f in resource["schema"]["fields"] if f["name"] == column]
    assert field.get("constraints") == expected


def test_keys_and_references():
    resources = {r["name"]: r["schema"] for r in datapackage(DATA)["resources"]}
    assert resources["screening"]["primaryKey"] == ["record_id", "reader"]
    references = {f["fields"][0]: f["reference"] for f in resources["effects"]["foreignKeys"]}
    assert references["trial_id"] == {"resource": "trials", "fields": ["trial_id"]}
    assert references["same_result_as"]["resource"] == ""


def test_the_page_has_a_section_a_table_and_a_row_a_column():
    page = dictionary_markdown()
    sections = page.split("\n## ")
    assert len(sections) == len(TABLES)
    for name, section in zip(TABLES, sections, strict=True):
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert [row.split("`")[1] for row in rows] == list(column_metadata(name))
        assert all(row.count("|") == 7 for row in rows)


def test_cells_are_escaped():
    assert _escape("a|b <i>*x*</i>\n& $y$") == (
        "a&#124;b &#60;i&#62;&#42;x&#42;&#60;/i&#62; &#38; &#36;y&#36;"
    )
