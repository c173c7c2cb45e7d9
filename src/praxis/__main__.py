"""``python -m praxis``: the same as the command ``praxis``."""

from praxis.cli.main import main

if __name__ == "__main__":
    main()
