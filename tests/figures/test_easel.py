import os
import subprocess
import sys
import threading

import pytest

from lkcm.figures import easel
from lkcm.figures.renderer import static_svg

SERVE = """
import sys
from pathlib import Path
from lkcm.figures import easel
listening = easel.listen(Path(sys.argv[1]))
print("ready", flush=True)
easel.serve(listening)
"""


def dots(value=1):
    return {
        "data": {"values": [{"a": value, "b": 'β "<'}]},
        "mark": {"type": "point", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b"}},
    }


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("easel") / "easel"
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process, process.stdout:
        assert process.stdout.readline() == b"ready\n"
        yield path
        process.stdin.close()
        assert process.wait(10) == 0


def svg(spec):
    return static_svg(spec, title="t", prefix="p")


def test_a_chart_is_the_same_wherever_it_is_drawn(address, monkeypatch):
    monkeypatch.delenv(easel.ADDRESS, raising=False)
    here = [svg(dots(value)) for value in (1, 2.5, 49.87115175196317, 1e-9)]
    monkeypatch.setenv(easel.ADDRESS, str(address))
    monkeypatch.setattr(easel.vl_convert, "vegalite_to_svg", None)
    assert [svg(dots(value)) for value in (1, 2.5, 49.87115175196317, 1e-9)] == here


def test_many_may_ask_at_once(address, monkeypatch):
    monkeypatch.setenv(easel.ADDRESS, str(address))
    monkeypatch.setattr(easel.vl_convert, "vegalite_to_svg", None)
    drawn = {}
    asking = [
        threading.Thread(target=lambda n=n: drawn.update({n: easel.draw(dots(10**n))}))
        for n in range(8)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert all(f"a: {10**n}" in drawn[n].replace(",", "") for n in (0, 1, 2))
    assert len(set(drawn.values())) == len(asking)


def test_what_cannot_be_drawn_fails_as_always_and_the_easel_stays(address, monkeypatch):
    monkeypatch.setenv(easel.ADDRESS, str(address))
    with pytest.raises(ValueError, match="conversion failed"):
        easel.draw({"data": {"values": []}, "mark": 7})
    monkeypatch.setattr(easel.vl_convert, "vegalite_to_svg", None)
    assert easel.draw(dots()).startswith("<svg")


def test_who_asks_and_goes_away_does_no_harm(address, monkeypatch):
    with easel.Client(str(address), "AF_UNIX"):
        pass
    monkeypatch.setenv(easel.ADDRESS, str(address))
    monkeypatch.setattr(easel.vl_convert, "vegalite_to_svg", None)
    assert easel.draw(dots()).startswith("<svg")


def test_without_an_easel_charts_are_drawn_here(tmp_path, monkeypatch):
    monkeypatch.setenv(easel.ADDRESS, str(tmp_path / "nobody"))
    assert easel.draw(dots()).startswith("<svg")
    assert not os.path.exists(tmp_path / "nobody")
