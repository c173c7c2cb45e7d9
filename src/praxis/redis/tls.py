"""How a connection is encrypted: the options of redis-py, as a context of the standard library."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from praxis.conf import Secret
from praxis.errors import SettingsError

REQUIREMENTS = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """
    What to demand of the server and what to show it.

    Attributes:
        requirement: Whether the server must have a certificate that is signed by somebody known.
        check_hostname: Whether it must be one for its name.
        ca_file: Who may have signed it; with the two below empty those that the system trusts.
        ca_folder: The same, a file each.
        ca_data: The same, as text.
        certificate: The file with our own one, if the server asks for it.
        key: The file with its key.
        key_password: What opens the key.
        minimum: The oldest version that is spoken; None for the one of the standard library.
        ciphers: Those of the old versions; empty for the ones of the standard library.
    """

    requirement: ssl.VerifyMode = ssl.CERT_REQUIRED
    check_hostname: bool = True
    ca_file: str | None = None
    ca_folder: str | None = None
    ca_data: str | None = None
    certificate: str | None = None
    key: str | None = None
    key_password: Secret | None = field(default=None)
    minimum: ssl.TLSVersion | None = None
    ciphers: str = ""

    def context(self) -> ssl.SSLContext:
        """
        Return a context for connections.

        Raises:
            OSError: if a file is missing or holds no certificate (`ssl.SSLError` is one).
        """
        context = ssl.create_default_context(
            cafile=self.ca_file, capath=self.ca_folder, cadata=self.ca_data
        )
        context.check_hostname = self.check_hostname and self.requirement is not ssl.CERT_NONE
        context.verify_mode = self.requirement
        if self.certificate:
            password = self.key_password.reveal() if self.key_password else None
            context.load_cert_chain(self.certificate, self.key, password)
        if self.minimum:
            context.minimum_version = self.minimum
        if self.ciphers:
            context.set_ciphers(self.ciphers)
        return context


def _requirement(value: Any) -> ssl.VerifyMode:
    if value is None:
        return ssl.CERT_NONE
    return REQUIREMENTS[value] if isinstance(value, str) else ssl.VerifyMode(value)


def _flag(value: Any) -> bool:
    return str(value).upper() not in {"0", "F", "FALSE", "N", "NO"}  # as redis-py reads them


#: redis-py's names: ours, and how the value is read.
OPTIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ssl_cert_reqs": ("requirement", _requirement),
    "ssl_check_hostname": ("check_hostname", _flag),
    "ssl_ca_certs": ("ca_file", str),
    "ssl_ca_path": ("ca_folder", str),
    "ssl_ca_data": ("ca_data", str),
    "ssl_certfile": ("certificate", str),
    "ssl_keyfile": ("key", str),
    "ssl_password": ("key_password", Secret),
    "ssl_min_version": ("minimum", lambda value: ssl.TLSVersion(int(value))),
    "ssl_ciphers": ("ciphers", str),
}


def read_tls(options: dict[str, Any], *, is_encrypted: bool) -> Tls | None:
    """
    Take the options of TLS out of *options*; None where nothing is encrypted.

    Raises:
        SettingsError: for an option that is not known, or given for a plain connection.
    """
    given = {name: options.pop(name) for name in [*options] if name.startswith("ssl_")}
    if not is_encrypted:
        if given:
            raise SettingsError(f"{min(given)!r} needs an encrypted address: rediss://.")
        return None
    values = {}
    for name, value in given.items():
        if name not in OPTIONS:
            raise SettingsError(f"{name!r} is not supported. Known: {', '.join(OPTIONS)}.")
        ours, read = OPTIONS[name]
        try:
            values[ours] = read(value)
        except (KeyError, ValueError):
            raise SettingsError(f"{name!r} has a value that means nothing.") from None
    return Tls(**values)
