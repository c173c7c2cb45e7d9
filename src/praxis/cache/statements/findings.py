"""What is gathered while a statement is read, and the `Statement` that it becomes."""

from dataclasses import dataclass, field

from praxis.cache.statements.dialects import Dialect
from praxis.cache.statements.lexing import QUOTED, STRING, WORD, Tokens
from praxis.cache.statements.names import fold
from praxis.cache.statements.statement import Action, Control, Kind, Statement, Table


class UnrecognisedError(Exception):
    """The statement is none of those that are known; it never leaves this package."""


@dataclass(slots=True)
class Findings:
    """
    What is known so far of one statement.

    Attributes:
        kind: What the statement is by its first words; functions that are not known and
            `everything` still make it UNKNOWN.
        everything: Any table may be written.
    """

    tokens: Tokens
    dialect: Dialect
    pure: frozenset[str]
    kind: Kind = Kind.READ
    reads: set[Table] = field(default_factory=set)
    writes: set[Table] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    control: list[Control] = field(default_factory=list)
    everything: bool = False
    locks: bool = False
    volatile: bool = False

    def statement(self) -> Statement:
        kind = Kind.UNKNOWN if self.functions else self.kind
        unknown = self.everything or kind is Kind.UNKNOWN
        return Statement(
            kind,
            frozenset(self.reads),
            None if unknown else frozenset(self.writes),
            self.locks,
            self.volatile or kind is Kind.UNKNOWN or self._reads_catalogues(),
            tuple(self.control),
            frozenset(self.functions),
        )

    def path(self, at: int) -> tuple[list[str], int]:
        """
        The folded parts of the name at *at*, without a closing ``.*``, and where it ends.

        Raises:
            UnrecognisedError: there is no name of a table or the like.
        """
        tokens, parts = self.tokens, [self._part(at)]
        at += 1
        while tokens.keys[at] == ".":
            if tokens.keys[at + 1] == "*":
                return parts, at + 2
            parts.append(self._part(at + 1, after_dot=True))
            at += 2
        return parts, at

    def table(self, at: int) -> tuple[Table, int]:
        """
        The table named at *at*, and where its name ends.

        Raises:
            UnrecognisedError: there is no name of a table.
        """
        parts, at = self.path(at)
        return Table(parts[-2] if len(parts) > 1 else "", parts[-1]), at

    def folded(self, at: int) -> str:
        """The name at *at* as the vendor folds it."""
        tokens = self.tokens
        return fold(tokens.texts[at], self.dialect.vendor, quoted=tokens.kinds[at] != WORD)

    def call(self, parts: list[str], at: int) -> None:
        """Note that a function is called whose opening parenthesis stands at *at*."""
        dialect = self.dialect
        if dialect.vendor == "postgresql" and parts[:-1] == ["pg_catalog"]:
            parts = parts[-1:]
        name = ".".join(parts)
        if name in dialect.pure or name in self.pure:
            return
        if name in dialect.volatile:
            self.volatile = True
        elif name in dialect.locking:
            self.volatile = self.locks = True
        elif name == "set_config" and dialect.vendor == "postgresql":
            self._set_config(at)
        else:
            self.functions.add(name)

    def string_is_volatile(self, at: int) -> bool:
        """Whether the string at *at* may become a time when it is cast."""
        pattern = self.dialect.volatile_strings
        return pattern is not None and pattern.search(self.tokens.texts[at]) is not None

    def _part(self, at: int, *, after_dot: bool = False) -> str:
        tokens, dialect = self.tokens, self.dialect
        kind, text = tokens.kinds[at], tokens.texts[at]
        if kind == WORD:
            known = after_dot or tokens.keys[at] not in dialect.reserved
        else:
            known = kind == QUOTED or (kind == STRING and dialect.strings_are_names)
        # The driver may have made another name of one with a per cent sign.
        if not known or not text or "%" in text:
            raise UnrecognisedError
        return self.folded(at)

    def _set_config(self, at: int) -> None:
        tokens = self.tokens
        self.volatile = True
        if tokens.kinds[at + 1] != STRING or tokens.keys[at + 2] != ",":
            self.kind = Kind.UNKNOWN
            return
        value = tokens.texts[at + 3] if tokens.kinds[at + 3] == STRING else None
        if self.kind is Kind.READ:
            self.kind = Kind.SESSION
        local = tokens.keys[at + 5] != "FALSE"
        self.control.append(Control(Action.SET, tokens.texts[at + 1].lower(), value, local=local))

    def _reads_catalogues(self) -> bool:
        return any(
            table.schema in self.dialect.system_schemas
            or table.name.startswith(self.dialect.system_prefixes)
            for table in self.reads
        )
