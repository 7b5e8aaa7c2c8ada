"""A papermill engine whose kernels talk over sockets of their own in the file system."""

import tempfile

import nbformat
from jupyter_client import AsyncKernelManager
from papermill.engines import NBClientEngine
from traitlets.config import Config

from lkcm.book.ask import asking


class FromNursery(AsyncKernelManager):
    """A manager whose kernels come from the nursery of the build, when there is one."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel, or asks for it."""
        return asking(super().format_kernel_cmd(extra_arguments))


class IpcEngine(NBClientEngine):
    """papermill's own engine, with ZeroMQ over IPC instead of TCP.

    Kernels that start at the same moment may choose the same TCP ports; one of the notebooks
    then waits in vain for its kernel. Sockets in a folder of their own cannot collide.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: object, kernel_name: str, **kwargs: object
    ) -> nbformat.NotebookNode:
        """Execute a notebook; parameters and errors are those of papermill's engine."""
        with tempfile.TemporaryDirectory(prefix="lkcm-") as folder:
            sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
            kwargs |= {
                "config": Config({"KernelManager": sockets}),
                "kernel_manager_class": FromNursery,
            }
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
