"""The scripts as they are, run on a dict: a Redis that can be copied, and broken at will."""

from collections.abc import Iterable
from typing import Any

from lupa import lua51

#: How the names of keys end whose time is kept; of others it is not.
TIMED = b":looked"
Store = dict[bytes, bytes | dict[bytes, bytes]]


class ModelRedis:
    """Runs scripts on `store`, one at a time, as Redis does; what expires is evicted by others."""

    def __init__(self) -> None:
        self.store: Store = {}
        self.now_ms = 1_700_000_000_000
        self._lua = lua51.LuaRuntime(encoding=None, unpack_returned_tuples=True)
        self._lua.globals()[b"redis"] = self._lua.table_from({b"call": self._call})
        self._compiled: dict[str, Any] = {}

    def run(self, script: str, keys: Iterable[bytes], args: Iterable[bytes | int]) -> Any:
        """What Redis would answer."""
        if script not in self._compiled:
            text = f"return function(KEYS, ARGV)\n{script}\nend"
            self._compiled[script] = self._lua.execute(text.encode())
        values = [arg if isinstance(arg, bytes) else b"%d" % arg for arg in args]
        lua = self._lua
        answer = self._compiled[script](lua.table_from(list(keys)), lua.table_from(values))
        return answer if isinstance(answer, bytes | int) else [*answer.values()]

    def _call(self, command: bytes, *args: Any) -> Any:
        given = [arg if isinstance(arg, bytes) else b"%d" % arg for arg in args]
        answer = getattr(self, f"_{command.decode().lower()}")(*given)
        return self._lua.table_from(answer) if isinstance(answer, list) else answer

    def _get(self, key: bytes) -> Any:
        if key.endswith(TIMED):
            return self._left_ms(key) > 0 and self._hash(key)[b"value"]
        return self.store.get(key, False)

    def _mget(self, *keys: bytes) -> list[Any]:
        return [self._get(key) for key in keys]

    def _set(self, key: bytes, value: bytes, *options: bytes) -> Any:
        if key.endswith(TIMED):
            until = b"%d" % (self.now_ms + self._left_ms(key))
            if options[0] == b"PX":
                until = b"%d" % (self.now_ms + int(options[1]))
            self.store[key] = {b"value": value, b"until": until}
            return True
        if b"NX" in options and key in self.store:
            return False
        self.store[key] = value
        return True

    def _del(self, *keys: bytes) -> int:
        return sum(self.store.pop(key, None) is not None for key in keys)

    def _exists(self, key: bytes) -> int:
        return int(key in self.store)

    def _pttl(self, key: bytes) -> int:
        if key.endswith(TIMED):
            return self._left_ms(key) or -2
        return 1 if key in self.store else -2

    def _left_ms(self, key: bytes) -> int:
        until = self._hash(key).get(b"until", b"0")
        return max(int(until) - self.now_ms, 0)

    def _pexpire(self, key: bytes, _: bytes) -> int:
        return int(key in self.store)

    def _time(self) -> list[bytes]:
        return [b"%d" % (self.now_ms // 1000), b"%d" % (self.now_ms % 1000 * 1000)]

    def _hgetall(self, key: bytes) -> list[bytes]:
        return [part for pair in self._hash(key).items() for part in pair]

    def _hget(self, key: bytes, field: bytes) -> Any:
        return self._hash(key).get(field, False)

    def _hexists(self, key: bytes, field: bytes) -> int:
        return int(field in self._hash(key))

    def _hset(self, key: bytes, *pairs: bytes) -> None:
        added = dict(zip(pairs[::2], pairs[1::2], strict=True))
        self.store[key] = {**self._hash(key), **added}

    def _hdel(self, key: bytes, field: bytes) -> int:
        fields = self._hash(key)
        if field not in fields:
            return 0
        left = {name: value for name, value in fields.items() if name != field}
        if left:
            self.store[key] = left
        else:
            del self.store[key]
        return 1

    def _hash(self, key: bytes) -> dict[bytes, bytes]:
        value = self.store.get(key, {})
        assert isinstance(value, dict)
        return value
