"""A process that wants the lock all the time: when it had it."""

import json
import sys
import time

from benchmarks.locks.ways import KEEPS_S, SECONDS, WAYS
from benchmarks.peers import configure


def main() -> None:
    url, way, start_s = sys.argv[1], sys.argv[2], float(sys.argv[3])
    configure(url)
    hold = WAYS[way](url)
    with hold():  # connected, with all scripts loaded by the time that it begins
        pass
    time.sleep(max(0.0, start_s - time.time()))
    had = []
    while time.time() < start_s + SECONDS:
        with hold():
            got_s = time.time()
            time.sleep(KEEPS_S)
            had.append((got_s - start_s, time.time() - start_s))
    print(json.dumps(had))


if __name__ == "__main__":
    main()
