"""Ask the nursery of a build to run a module, and stand for it; run as a file, it imports no lkcm.

``python -I -S ask.py MODULE ARGUMENTS`` does what ``python -m MODULE ARGUMENTS`` does. Signals go
through it, its exit status is the module's, and when either ends, so does the other. Without a
nursery that answers it becomes that command.
"""

import json
import os
import select
import signal
import socket
import sys

#: The environment variable that names the nursery's socket.
ADDRESS = "LKCM_NURSERY"
#: Seconds that a nursery may take to import what it does.
PATIENCE = 20.0
KERNEL = "ipykernel_launcher"


def asking(command: list[str]) -> list[str]:
    """Return the command that asks this build's nursery for the kernel of ``command``.

    The command itself when there is no nursery or another kernel than ipykernel is wanted.
    """
    if not os.environ.get(ADDRESS) or command[0] != sys.executable or KERNEL not in command:
        return command
    return [sys.executable, "-I", "-S", __file__, *command[command.index(KERNEL) :]]


def ask(module: str, arguments: list[str]) -> int:
    """Have the nursery fork a process and stay for as long as it lives, or become it.

    Parameters
    ----------
    module : str
        What to run as ``python -m`` does.
    arguments : list of str
        Its arguments.

    Returns
    -------
    int
        The exit status of the module; 1 when it was killed.
    """
    parent = os.getppid()
    wish = {
        "module": module,
        "arguments": arguments,
        "folder": os.getcwd(),
        "environment": dict(os.environ),
    }
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.settimeout(PATIENCE)
        line.connect(os.environ.get(ADDRESS, ""))
        socket.send_fds(line, [json.dumps(wish).encode()], [1, 2])
        child = int(line.recv(32))
    except (OSError, ValueError):
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])

    def forward(number: int, _frame: object) -> None:
        try:
            os.kill(child, number)
        except ProcessLookupError:
            pass

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    # The line is readable once the process has ended; without who asked, nobody needs it.
    while os.getppid() == parent:
        if select.select([line], [], [], 1.0)[0]:
            return int(line.recv(32) or 1)
    return 1


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:]))
