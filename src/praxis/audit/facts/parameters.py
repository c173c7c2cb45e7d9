"""The parameters of functions."""

import ast

from praxis.audit.file import File


def parameters_of(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function, of whatever sort."""
    more = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def is_parameter(file: File, name: str) -> bool:
    """Whether a function around the visited node has a parameter *name*."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and any(parameter.arg == name for parameter in parameters_of(node.args))
        for node in file.ancestors()
    )
