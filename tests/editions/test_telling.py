from lkcm.editions.difference import difference
from lkcm.editions.telling import report, since


def test_nothing_is_said_in_one_line(old):
    found = difference(old, old)
    assert report(found) == ["Nothing changed from 2026.10 to 2026.10."]
    assert since(found) == ["Nothing changed since edition 2026.10."]


def test_the_report_names_everything(old, new):
    text = "\n".join(report(difference(old, new)))
    for words in (
        "trials in (1)",
        "Lv et al. 2024 (lv2024)",
        "effects neff2013-1, stat_value: 0.86 -> 0.96 (misread)",
        "mood, estimate_passive: g 0.50 -> g 0.62 (by +0.12); "
        "verdict: unclear -> favours LKCM on average",
        "c08: supported -> contradicted",
        "mood: r: 0.6 -> 0.5",
        "narwhals: none -> 2.0",
    ):
        assert words in text


def test_the_front_page_has_the_gravest_first(old, new):
    lines = since(difference(old, new))
    assert len(lines) == 3
    assert "the verdict 'unclear' became 'favours LKCM on average'" in lines[0]
    assert lines[1] == "Claim c08: supported became contradicted."
    assert lines[2] == (
        "1 trial added, 1 trial removed, 1 result added, 1 result removed, 1 cell corrected "
        "since edition 2026.10."
    )


def test_software_alone_moves_no_estimate(old):
    other = old | {"software": {"python": "3.12.1"}, "version": "2026.11"}
    assert since(difference(old, other)) == ["No estimate moved since edition 2026.10."]
