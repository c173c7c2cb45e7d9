"""``praxis lsp``: findings in the editor."""

import click


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Speak over stdin and stdout, as it does anyway.")
def command(stdio: bool) -> None:
    """
    Run the language server, which an editor starts and speaks with over stdin and stdout.

    It shows findings as the code is typed, tells all about a rule where the pointer rests, and
    offers the fixes. docs/guides/editors.md says how to set up each editor.
    """
    del stdio  # many editors pass it without being asked
    from praxis.lsp.pygls_server import serve

    serve()
