"""Ask the nursery of a build for a kernel, and stand for it; run as a file, it imports no lkcm.

The engine `ipc` starts this program where it would start a kernel. Signals go through it, and when
either ends, so does the other. Without a nursery that answers it becomes the kernel that it was to
start.
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
    address = os.environ.get(ADDRESS)
    if not address or command[0] != sys.executable or KERNEL not in command:
        return command
    return [sys.executable, "-I", "-S", __file__, address, *command]


def ask(address: str, command: list[str]) -> None:
    """Have the nursery fork a kernel and stay for as long as it lives, or become the kernel.

    Parameters
    ----------
    address : str
        The nursery's socket.
    command : list of str
        The command of an ordinary kernel: ``python -m ipykernel_launcher`` and its arguments.
    """
    parent = os.getppid()
    arguments = command[command.index(KERNEL) + 1 :]
    wish = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.settimeout(PATIENCE)
        line.connect(address)
        socket.send_fds(line, [json.dumps(wish).encode()], [1, 2])
        kernel = int(line.recv(32))
    except (OSError, ValueError):
        os.execv(command[0], command)

    def forward(number: int, _frame: object) -> None:
        try:
            os.kill(kernel, number)
        except ProcessLookupError:
            pass

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    # The line is readable once the kernel has ended; without papermill, nobody needs the kernel.
    while os.getppid() == parent and not select.select([line], [], [], 1.0)[0]:
        pass


if __name__ == "__main__":
    ask(sys.argv[1], sys.argv[2:])
