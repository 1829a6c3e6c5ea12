"""What is wrong with a file of Python, in one line."""

from __future__ import annotations


class SourceError(ValueError):
    """A file that cannot be read as a net. One line: the file, the line in it, what stands there, what is supported."""


class Refusal(Exception):  # noqa: N818
    """Something in the file that is not understood, and the line where it stands (0: no line in particular)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class MixesBatchError(Refusal):
    """Something that joins the samples of a batch, where PyTorch's first axis counts samples."""


class ShapeFound(Exception):  # noqa: N818
    """The shape of an input, told by the first module that wants one."""

    def __init__(self, input: str, shape: tuple[int, ...], why: str) -> None:
        super().__init__(why)
        self.input, self.shape, self.why = input, shape, why


class Halted(Exception):  # noqa: N818
    """The program would stop here with an error of PyTorch's; a Halt stands in the net."""


class Stopped(Exception):  # noqa: N818
    """The bound on steps, calls or modules is used up, at a line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message
