"""
Behind Sentinels: which server may be asked, while two of them take themselves for the master.

Nothing tells a master at once that it was replaced: it goes on when it was frozen, or cut off from
the Sentinels, or replaced by order, and whoever holds a connection to it hears nothing either. So

1. what a server answers counts only if a majority of the Sentinels named it no longer ago than
   `CERTAIN_S`, counted from before they were asked to after it answered;
2. a server that has begun an era is not used for `YOUNG_S`: nothing is answered from it, nothing
   is put there, and writers wait.

Two majorities have a Sentinel in common. Once one has named the new master, which is before its era
begins, none names the old one any more; and what counts of that one until then is over when the
new era opens.
"""

#: How long it stays certain which server is the master, from before the Sentinels were asked.
CERTAIN_S = 2.0
#: The same, and what clocks may differ by in how long a second is.
YOUNG_S = CERTAIN_S * 1.1


def is_certain(named_s: float, now_s: float) -> bool:
    """
    Whether what a server answered until *now_s* counts.

    Args:
        named_s: When those were asked, for the last time, of whom a majority named it.
        now_s: By the same clock.
    """
    return now_s - named_s < CERTAIN_S


def opens_in_s(age_s: float, known_s: float) -> float:
    """
    Seconds until an era may be used; 0 or less if it may.

    Args:
        age_s: Since it began, by the clock of the server.
        known_s: Since this process knows of it, by its own clock: enough in any case, should
            somebody have set that of the server back.
    """
    return YOUNG_S - max(age_s, known_s)
