"""Every exception that Praxis raises on purpose. Messages say what, where, and the next step."""


class PraxisError(Exception):
    """The root: catch this to catch whatever Praxis raises on purpose."""


class SettingsError(PraxisError):
    """``settings.PRAXIS`` holds an unknown key or a value of the wrong type."""


class ProjectError(PraxisError):
    """The path to audit holds nothing that can be audited."""


class ConfigError(PraxisError):
    """``[tool.praxis]`` in ``pyproject.toml``, a baseline or an option is not valid."""


class FixError(PraxisError):
    """A file could not be rewritten; it is as it was."""


class ServerError(PraxisError):
    """An embedded server was not found, did not start, or ended by itself."""


class MeasureError(PraxisError):
    """A site under measurement did not start, or did not answer as it should."""


class MissingLibraryError(PraxisError):
    """A verb needs a library that is not installed; the message names the extra that has it."""
