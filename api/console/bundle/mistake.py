"""What the bundler does not understand, with its place."""


class BundleMistake(Exception):
    """A file says something the bundler cannot carry over; `path` is below the folder of static files, `line` counts from 1."""

    def __init__(self, path: str, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")
        self.path = path
        self.line = line
        self.what = what


def line_at(text: str, place: int) -> int:
    """The line, from 1, of a place in a text."""
    return text.count("\n", 0, place) + 1
