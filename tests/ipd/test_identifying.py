import pandas as pd
import pytest

from lkcm.ipd.identifying import identifying_column, identifying_values


@pytest.mark.parametrize(
    "name",
    ["Name", "last_name", "E-Mail", "dateOfBirth", "date of birth", "Prolific ID", "IP address"],
)
def test_names_of_identifying_columns(name):
    assert identifying_column(name)


@pytest.mark.parametrize("name", ["participant", "code", "week_post", "mindful_trait", "shipment"])
def test_names_of_other_columns(name):
    assert not identifying_column(name)


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        ("ann@example.org", "an e-mail address"),
        ("192.168.0.12", "an IP address"),
        ("1987-03-02", "a date"),
        ("2.3.1987", "a date"),
        ("+44 20 7946 0018", "a telephone number"),
        ("Ann Example", "a full name"),
    ],
)
def test_values_that_identify(value, looks):
    assert identifying_values(pd.Series([None, value])) == (looks, 1)


def test_values_that_do_not():
    assert identifying_values(pd.Series(["Waiting List", "Loving Kindness"] * 2)) is None
    assert identifying_values(pd.Series(["17", "p-003", "4.5", None])) is None
    assert identifying_values(pd.Series([1.5, 2.5])) is None


def test_a_column_of_dates_of_spss():
    assert identifying_values(pd.to_datetime(pd.Series([None, "1990-01-01"]))) == ("a date", 1)
