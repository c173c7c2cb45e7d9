"""What the commands that put somebody into a list are given."""

from argparse import ArgumentParser


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("network", metavar="ADDRESS", help="or a network: 203.0.113.0/24")
    parser.add_argument(
        "--for", dest="for_s", type=float, default=0.0, metavar="SECONDS", help="then no more"
    )
