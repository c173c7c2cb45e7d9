"""Read and `ast.parse` every file named on standard input, streaming, without the collector."""

import ast
import gc
import sys
import warnings
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    gc.disable()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        with suppress(SyntaxError, ValueError):  # the reading was done all the same
            ast.parse(Path(line.rstrip("\n")).read_bytes())
