"""Publish: ``python -m benchmarks.realtime.told COUNT PAUSE_S``, each event with its time."""

import sys
import time

from benchmarks.realtime.ways import from_environment, publisher


def main() -> None:
    publish = publisher(*from_environment())
    count, pause_s = int(sys.argv[1]), float(sys.argv[2])
    next_s = time.monotonic()
    for number in range(count):
        publish(f"@{number}@{time.monotonic_ns()}@")
        next_s += pause_s
        time.sleep(max(0.0, next_s - time.monotonic()))


if __name__ == "__main__":
    main()
