"""The command line. Thin: it opens experiments and hands them on; what is heavy is imported when it is needed."""

from bptui.cli.run import main

__all__ = ["main"]
