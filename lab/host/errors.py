"""Failures that end the demo with one sentence instead of a traceback."""


class DemoError(Exception):
    """The demo cannot go on; the message is what the user reads."""


class UsageError(DemoError):
    """The command line asks for something that does not exist."""


class NotHere(DemoError):
    """This machine does not allow what is asked for; a test that needs it is skipped."""


class CommandFailed(DemoError):
    """The command beside the stack failed; its exit status becomes ours."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} failed with exit status {status}")
        self.status = status


class StepFailed(DemoError):
    """A step of the check did not hold; the message says what was expected and what was seen."""


def sentence(error: Exception) -> str:
    """What went wrong, without Python's own notation."""
    if isinstance(error, OSError) and error.filename:
        return f"cannot use {error.filename}: {error.strerror}"
    return str(error)
