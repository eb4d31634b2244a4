"""The two ways in which input is refused."""


class Unreadable(Exception):
    """A file is not what it claims to be: nothing in it is judged, and the command exits with 2."""


class Malformed(Exception):
    """A part of a readable file breaks its format; the check that reads it fails.

    ``field`` names the member that breaks a rule, where the format has members.
    """

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field
