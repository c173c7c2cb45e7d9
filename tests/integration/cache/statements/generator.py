"""Random statements that a database runs: joins, subqueries, WITH and writes, nested."""

TABLES = ["a", "b", "c", "d", "e"]


class Generator:
    """
    Writes statements on the tables a to e, whose columns are id and n.

    Args:
        random: Where chance comes from.
        vendor: postgresql or sqlite.
    """

    def __init__(self, random, vendor):
        self._random = random
        self._postgresql = vendor == "postgresql"
        self._aliases = 0

    def statement(self):
        depth = self._one(1, 2, 3)
        kind = self._random.random()
        if kind < 0.4:
            return self._query(depth, [])
        if kind < 0.7:
            return self._write(depth, [])
        start, names = self._with(depth, [], writes=True)
        if self._one(True, False):
            return start + self._select(depth - 1, names)
        return start + self._write(depth - 1, names)

    def _one(self, *choices):
        return self._random.choice(choices)

    def _alias(self):
        self._aliases += 1
        return f"x{self._aliases}"

    def _qualified(self, table):
        return f"{'public' if self._postgresql else 'main'}.{table}"

    def _table(self, names):
        table = self._one(*TABLES, *names, *names)
        forms = [table, table.upper(), f'"{table}"']
        return self._one(*forms, self._qualified(table) if table in TABLES else table)

    def _reference(self, depth, names):
        """A table, a subquery or a join, and its aliases."""
        kind = self._random.random()
        if depth <= 0 or kind < 0.55:
            alias = self._alias()
            return self._table(names) + self._one(" ", " AS ", "/* , z */") + alias, [alias]
        if kind < 0.75:
            alias = self._alias()
            return f"({self._query(depth - 1, names)}) {self._one('', 'AS ')}{alias}", [alias]
        left, of_left = self._reference(depth - 1, names)
        right, of_right = self._reference(depth - 1, names)
        join = self._one("JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "CROSS JOIN")
        aliases = of_left + of_right
        on = "" if join == "CROSS JOIN" else f" ON {self._condition(depth - 1, aliases, names)}"
        text = f"{left} {join} {right}{on}"
        return self._one(text, f"({text})"), aliases

    def _from(self, depth, names):
        references = [self._reference(depth, names) for _ in range(self._one(1, 1, 1, 2, 3))]
        aliases = [alias for _, each in references for alias in each]
        return ", ".join(text for text, _ in references), aliases

    def _expression(self, depth, aliases, names):
        kind = self._random.random()
        if depth <= 0 or kind < 0.4:
            column = f"{self._one(*aliases)}.{self._one('id', 'n')}" if aliases else "1"
            return self._one(column, column, self._one("1", "2", "0"))
        first, second = (self._expression(depth - 1, aliases, names) for _ in range(2))
        if kind < 0.5:
            return f"({first} + {second})"
        if kind < 0.6:
            return f"coalesce({first}, {second})"
        condition = self._condition(depth - 1, aliases, names)
        if kind < 0.7:
            return f"CASE WHEN {condition} THEN {first} ELSE {second} END"
        if kind < 0.9:
            where = self._condition(depth - 1, [*aliases, "z"], names)
            return f"(SELECT max(z.id) FROM {self._table(names)} z WHERE {where})"
        return f"(SELECT count(*) FROM ({self._query(depth - 1, names)}) q)"

    def _condition(self, depth, aliases, names):
        kind, left = self._random.random(), self._expression(0, aliases, names)
        if depth <= 0 or kind < 0.3:
            sign = self._one("=", "<", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
            return f"{left} {sign} {self._expression(depth - 1, aliases, names)}"
        if kind < 0.5:
            first, second = (self._condition(depth - 1, aliases, names) for _ in range(2))
            return f"({first} {self._one('AND', 'OR')} NOT {second})"
        query = self._query(depth - 1, names)
        if kind < 0.7:
            return f"{left} {self._one('', 'NOT ')}IN (SELECT q.id FROM ({query}) q)"
        if kind < 0.9:
            return f"EXISTS ({query})"
        return f"{left} BETWEEN {self._expression(depth - 1, aliases, names)} AND 3"

    def _select(self, depth, names):
        tables, aliases = self._from(depth, names)
        columns = [self._expression(depth, aliases, names) for _ in range(2)]
        start = f"SELECT {self._one('', 'DISTINCT ', 'ALL ')}{columns[0]} AS id, {columns[1]} AS n"
        where = f" WHERE {self._condition(depth, aliases, names)}" if self._one(0, 1) else ""
        return f"{start} FROM {tables}{where}"

    def _query(self, depth, names):
        kind = self._random.random()
        if depth > 0 and kind < 0.2:
            start, names = self._with(depth, names)
            return start + self._select(depth - 1, names)
        if depth > 0 and kind < 0.35:
            union = self._one("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
            return f"{self._select(depth - 1, names)} {union} {self._select(depth - 1, names)}"
        return self._select(depth, names)

    def _with(self, depth, names, *, writes=False):
        parts, names = {}, list(names)
        for _ in range(self._one(1, 1, 2, 3)):
            # A name that is a table's, too; SQLite refuses those that their own query reads.
            name = self._one("w1", "w2", *(TABLES[:3] if self._postgresql else []))
            if name in parts:
                continue
            if writes and self._postgresql and self._one(0, 1):
                body = f"({self._write(depth - 1, names)})"
            else:
                outer = [each for each in names if self._postgresql or each != name]
                materialized = self._one("", "MATERIALIZED ", "NOT MATERIALIZED ")
                body = f"{materialized}({self._query(depth - 1, outer)})"
            parts[name] = f"{name} {self._one('(id, n) ', '')}AS {body}"
            names.append(name)
        return f"WITH {', '.join(parts.values())} ", names

    def _write(self, depth, names):
        table, kind, more, aliases = self._one(*TABLES), self._random.random(), "", ["x"]
        target = self._one(table, table.upper(), f'"{table}"', self._qualified(table))
        returning = " RETURNING 1 AS id, 2 AS n"
        if kind < 0.35:
            return f"INSERT INTO {target} (n, id) {self._select(depth, names)}{returning}"
        if self._one(0, 1) and (self._postgresql or kind < 0.7):
            more, others = self._from(depth, names)
            aliases += others
        where = f"WHERE {self._condition(depth, aliases, names)}{returning}"
        if kind < 0.7:
            value = self._expression(depth, aliases, names)
            more = f" FROM {more}" if more else ""
            return f"UPDATE {target} AS x SET n = {value}{more} {where}"
        return f"DELETE FROM {target} AS x{f' USING {more}' if more else ''} {where}"
