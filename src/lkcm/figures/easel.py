"""One process that draws the charts of a build: Vega is loaded once, not once a page.

`lkcm.book.nursery` starts it beside itself and tells its pages where it is. Without it, or when
it does not answer, a chart is drawn where it is asked for; the drawing is the same.
"""

import json
import os
import select
import socket
import sys
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path

import altair
import vl_convert

#: The environment variable that names the easel's socket.
ADDRESS = "LKCM_EASEL"
#: Vega-Lite version of the specs that Altair writes, as vl-convert names it.
VEGA_LITE = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def draw(spec: dict) -> str:
    """Return a Vega-Lite spec as SVG, from the easel of this build where there is one.

    Raises
    ------
    ValueError
        If Vega cannot draw it.
    """
    if address := os.environ.get(ADDRESS):
        with suppress(OSError, EOFError), Client(address, "AF_UNIX") as line:
            line.send_bytes(json.dumps(spec).encode())
            if svg := line.recv_bytes():
                return svg.decode()
    return vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)


def listen(address: Path) -> socket.socket:
    """Return a socket at ``address`` on which `serve` will be asked."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(address))
    listening.listen(64)
    return listening


def serve(listening: socket.socket) -> None:
    """Draw what is asked for until the build, at the other end of stdin, has gone.

    A spec that cannot be drawn is answered with nothing: who asked meets the error itself.
    """
    vl_convert.vegalite_to_svg({"mark": "point"}, vl_version=VEGA_LITE)
    while True:
        ready = select.select([listening, sys.stdin], [], [])[0]
        if sys.stdin in ready:
            return
        accepted, _ = listening.accept()
        with suppress(OSError, EOFError), Connection(accepted.detach()) as line:
            spec = json.loads(line.recv_bytes())  # as text, vl-convert would round its numbers
            try:
                svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
            except ValueError:
                svg = ""
            line.send_bytes(svg.encode())
