"""Boards in Python: what those in Redis have to answer."""


class Twin:
    """
    A board as its definition says it: everything is sorted and counted anew for each answer.

    ``reached`` numbers the moments at which a member got its score.
    """

    def __init__(self, order, ties, keep=0):
        self.order, self.ties, self.keep = order, ties, keep
        self.scores, self.reached, self.moment = {}, {}, 0

    def submit(self, member, score, best=False):
        before = self.scores.get(member)
        if best and before is not None and not self.better(score, before):
            score = before
        if score != before:
            self.moment += 1
            self.scores[member], self.reached[member] = score, self.moment
        self.trim()
        return self.standing(member)

    def increment(self, member, by):
        return self.submit(member, self.scores.get(member, 0) + by)

    def remove(self, member):
        self.reached.pop(member, None)
        return self.scores.pop(member, None) is not None

    def trim(self):
        for member in self.sorted()[self.keep :] if self.keep else ():
            self.remove(member)

    def better(self, one, other):
        return one > other if self.order == "desc" else one < other

    def sorted(self, members=None):
        """The order of the rows: of equal scores by when, or by what Redis sorts."""
        sign = -1 if self.order == "desc" else 1

        def key(member):
            tie = self.reached[member] if self.ties == "first" else text(member)
            return sign * self.scores[member], tie

        return sorted(self.scores if members is None else members, key=key)

    def rank(self, member, members=None):
        among = self.sorted(members)
        if self.ties == "first":
            return among.index(member) + 1
        ahead = [self.scores[m] for m in among if self.better(self.scores[m], self.scores[member])]
        return 1 + len(set(ahead) if self.ties == "dense" else ahead)

    def standing(self, member):
        """(member, rank, score, ahead, size), or None."""
        if member not in self.scores:
            return None
        score = self.scores[member]
        ahead = sum(self.better(other, score) for other in self.scores.values())
        if self.ties == "first":
            ahead = self.rank(member) - 1
        return member, self.rank(member), score, ahead, len(self.scores)

    def page(self, offset, count):
        return self.entries(self.sorted()[offset : offset + count])

    def around(self, member, count):
        if member not in self.scores:
            return []
        place = self.sorted().index(member)
        return self.entries(self.sorted()[max(0, place - count) : place + count + 1])

    def among(self, members):
        known = {member for member in members if member in self.scores}
        return self.entries(self.sorted(known), known)

    def entries(self, members, among=None):
        return [(member, self.rank(member, among), self.scores[member]) for member in members]


def text(member):
    """How a member is written in Redis, where equal scores are sorted by it."""
    written = str(member)
    is_marked = isinstance(member, str) and (written[0] == "'" or written.lstrip("-").isdigit())
    return ("'" + written if is_marked else written).encode()
