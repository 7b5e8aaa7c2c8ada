"""The command ``jupyter-book``, as a module that a build's nursery can run."""

from jupyter_book.cli.main import main

if __name__ == "__main__":
    main(prog_name="jupyter-book")
