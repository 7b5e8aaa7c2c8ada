"""A papermill engine whose kernels talk over sockets of their own in the file system."""

import tempfile

import nbformat
from papermill.engines import NBClientEngine
from traitlets.config import Config


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
            config = Config({"KernelManager": sockets})
            return super().execute_managed_notebook(nb_man, kernel_name, config=config, **kwargs)
