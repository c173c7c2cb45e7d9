"""``python -m praxis``: the same as the command ``praxis``."""

import sys

if __name__ == "__main__":
    # ``-m`` puts the current folder first on the path; what a project calls json.py or click.py
    # must not be taken for the real one. (``-P`` keeps the folder out from the very beginning.)
    if not sys.flags.safe_path:
        del sys.path[0]
    from praxis.cli.main import main

    main()
