"""What befalls the processes and the servers of the stress test while they work; all recovers."""

import os
import random
import signal
import time
from collections import Counter

from redis.exceptions import RedisError, ResponseError

from praxis.embedded.readiness import wait_until

RECOVERY_S = 120.0


class Faults:
    """
    Faults in an order by chance, each counted by its name.

    Args:
        crew: The workers.
        postgres: The database.
        seed: Of the order.
        only: Names of those that happen; all if there are none.
    """

    def __init__(self, crew, postgres, *, seed, only=()):
        self.crew, self.postgres, self.only = crew, postgres, only
        self.chance = random.Random(seed)
        self.counts = Counter()
        self.kinds = [
            self.writer_killed, self.writer_killed, self.reader_killed,
            self.postgres_ended_fast, self.postgres_ended_at_once, self.postgres_killed,
        ]  # fmt: skip
        #: Enough for a short time.
        self.few = [self.writer_killed, self.postgres_ended_at_once]

    def happen(self):
        """Let one happen, and wait until it is over."""
        kinds = [kind for kind in self.kinds if not self.only or kind.__name__ in self.only]
        self.happens(self.chance.choice(kinds))

    def happens(self, kind):
        kind()
        self.counts[kind.__name__] += 1

    def writer_killed(self):
        self.crew.kill("writer", self.chance.randrange(self.crew.writers))

    def reader_killed(self):
        self.crew.kill("reader", self.chance.randrange(self.crew.readers))

    def postgres_ended_fast(self):
        """Sessions are ended, and what was under way is rolled back."""
        self._end_postgres(signal.SIGINT)

    def postgres_ended_at_once(self):
        """Without a farewell: what was committed is found in the log at the next start."""
        self._end_postgres(signal.SIGQUIT)

    def postgres_killed(self):
        self.postgres.kill()
        self.postgres.restart()

    def _end_postgres(self, number):
        os.kill(self.postgres.pid, number)
        wait_until(lambda: not self.postgres.is_alive, what="PostgreSQL", timeout_s=RECOVERY_S)
        self.postgres.restart()


class OneServer(Faults):
    """Besides, of one Redis, which writers reach by a way of their own."""

    def __init__(self, crew, postgres, redis, way, **order):
        super().__init__(crew, postgres, **order)
        self.redis, self.way = redis, way
        self.kinds += [
            self.redis_killed, self.redis_killed, self.redis_frozen, self.redis_emptied,
            self.writers_cut_off, self.writers_waiting,
        ]  # fmt: skip
        self.few += [self.redis_killed]

    def redis_killed(self):
        self.redis.kill()
        time.sleep(self.chance.choice([0, 0.3, 1.0]))
        self.redis.restart()

    def redis_frozen(self):
        self.redis.pause()
        time.sleep(self.chance.choice([0.1, 0.7, 2.0]))
        self.redis.resume()

    def redis_emptied(self):
        self.redis.flush()

    def writers_cut_off(self):
        """Readers go on with a Redis that writers do not reach."""
        self.way.refuse()
        self._parted()

    def writers_waiting(self):
        self.way.black_hole()
        self._parted()

    def _parted(self):
        self.way.cut()
        time.sleep(self.chance.choice([0.1, 0.3, 0.5, 2.0]))  # the short ones leave no hold
        self.way.restore()
        self.way.cut()


class SentinelGroup(Faults):
    """Besides, of a master with replicas, and Sentinels that choose another one."""

    def __init__(self, crew, postgres, group, **order):
        super().__init__(crew, postgres, **order)
        self.group = group
        self.kinds += [
            self.master_killed, self.master_frozen, self.master_changed_by_order,
            self.master_changed_by_order, self.master_killed_with_lost_writes,
            self.master_restarted, self.sentinel_killed,
        ]  # fmt: skip
        self.few += [self.master_changed_by_order]

    def happen(self):
        super().happen()
        self.settled()

    def master_killed(self):
        old = self.group.master
        old.kill()
        self.group.wait_for_other_master(old, timeout_s=RECOVERY_S)
        old.restart()

    def master_frozen(self):
        """
        It goes on some time after another one was chosen, and believes to be the master.

        So does a reader, which has heard of nothing.
        """
        old, reader = self.group.master, self.chance.randrange(self.crew.readers)
        old.pause()
        self.crew.freeze("reader", reader)
        try:
            self.group.wait_for_other_master(old, timeout_s=RECOVERY_S)
            time.sleep(self.chance.choice([0, 1, 3]))
        finally:
            old.resume()
            self.crew.thaw("reader", reader)
        time.sleep(1.0)

    def master_changed_by_order(self):
        """
        Both believe to be masters for some seconds, and both can be reached.

        Who begins meanwhile comes to the new one, and the others have heard of nothing.
        """
        old = self.group.master
        with self.group.sentinels[0].client() as client:
            try:
                client.execute_command("SENTINEL", "FAILOVER", self.group.service)
            except ResponseError:  # another fail-over is under way
                return
        self.group.wait_for_other_master(old, timeout_s=RECOVERY_S)
        self.reader_killed()
        time.sleep(1.0)
        self.writer_killed()
        time.sleep(1.0)

    def master_killed_with_lost_writes(self):
        """Replicas hear nothing for a while; one of them is the next master."""
        for replica in self.group.replicas:
            with replica.client() as client:
                client.config_set("masterauth", "wrong")
        with self.group.master.client() as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "replica")
        time.sleep(0.5)
        self.master_killed()
        for server in self.group.servers:
            with server.client() as client:
                client.config_set("masterauth", self.group.password)
                client.config_rewrite()  # a Sentinel may have written the wrong one there

    def master_restarted(self):
        """So fast that nobody notices; it is empty then."""
        self.group.master.restart()

    def sentinel_killed(self):
        sentinel = self.chance.choice(self.group.sentinels)
        sentinel.kill()
        time.sleep(1.0)
        sentinel.restart()

    def settled(self):
        """Wait until all servers follow the master that the Sentinels name."""
        wait_until(self._is_settled, what="the replicas", timeout_s=RECOVERY_S)

    def _is_settled(self):
        try:
            with self.group.master.client() as client:
                return len(self.group.servers) - 1 == sum(
                    isinstance(told, dict) and told.get("state") == "online"
                    for told in client.info("replication").values()
                )
        except RedisError:
            return False
