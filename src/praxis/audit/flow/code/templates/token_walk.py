"""What reading the tags of Django and of Jinja has in common: the walk over a template's tokens."""

from collections.abc import Callable, Sequence

from praxis.audit.facts.templates.tokens import Token, TokenKind
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.nesting import Nest, find_pairs


class TokenWalk:
    """The state of reading one template; what a tag does is for the language to say."""

    #: The value that the text between two offsets is written for.
    read_value: Callable[[str, int, int], ir.Expr]

    def __init__(self, text: str) -> None:
        self._text = text
        self._nest = Nest()
        self._extends: ir.Expr | None = None
        #: Inside of a text to be translated, where nothing but plain names may be shown.
        self._translates = False

    def _walk(self, tokens: Sequence[Token], names: list[str]) -> tuple[ir.Stmt, ...]:
        """The statements of the template; *names* are those of its tags, in their order."""
        paired = find_pairs(names)
        index = -1
        for token in tokens:
            if token.kind is TokenKind.VARIABLE:
                self._show(token)
            elif token.kind is TokenKind.BLOCK:
                index += 1
                if token.content:
                    self._tag(token, names[index], holds=index in paired)
        return self._nest.finish(len(self._text))

    def _show(self, token: Token) -> None:
        if not token.content or (self._translates and not token.content.isidentifier()):
            return
        start = self._text.index(token.content, token.start + 2)
        value = type(self).read_value(self._text, start, start + len(token.content))
        self._nest.add(ir.Show(token.start, token.end, value))

    def _tag(self, token: Token, name: str, *, holds: bool) -> None:
        raise NotImplementedError
