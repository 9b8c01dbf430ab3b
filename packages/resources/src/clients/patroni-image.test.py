"""Run in an image: what `windlass-patroni` changes in the Patroni of that image, and that it is there to be changed."""
import importlib.machinery
import importlib.util
import time
import types
import unittest

import patroni.postgresql as postgresql  # before patroni.ha, which it goes round in a circle with
import patroni.ha as ha
from patroni.dcs.etcd import DnsCachingResolver

CHANGED = [
    (postgresql, ['STOP_POLLING_INTERVAL', 'polling_loop', 'time']),
    (ha, ['time', 'DCSError']),
    (ha.Ha, ['is_failover_possible', 'demote', 'shutdown', 'process_unhealthy_cluster']),
    (DnsCachingResolver, ['resolve', '_do_resolve']),
]
MISSING = [name for owner, names in CHANGED for name in names if not hasattr(owner, name)]

def is_failover_possible(self, **options):
    self.asked.append(options)
    return len(self.asked) == 3


ha.Ha.is_failover_possible = is_failover_possible
ha.Ha.demote = lambda self, seconds: ha.time.sleep(seconds)

path = '/usr/local/bin/windlass-patroni'
loader = importlib.machinery.SourceFileLoader('windlass_patroni', path)
ours = importlib.util.module_from_spec(importlib.util.spec_from_loader('windlass_patroni', loader))
loader.exec_module(ours)
for change in (ours.look_up_members_anew, ours.look_at_postgres_often, ours.hand_over_at_once):
    change()


def node(*roles):
    """A node whose store names a leader with one of these roles each time it is asked; None: there is no leader."""
    left = list(roles)

    def get_cluster():
        role = left.pop(0) if len(left) > 1 else left[0]
        leader = role and types.SimpleNamespace(member=types.SimpleNamespace(data={'role': role}))
        return types.SimpleNamespace(leader=leader)

    self = object.__new__(ha.Ha)
    self.dcs = types.SimpleNamespace(get_cluster=get_cluster)
    self.asked = []
    self.cluster = types.SimpleNamespace(members=['a', 'b'])
    return self


def seconds(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


class Pauses(unittest.TestCase):
    def test_everything_that_is_changed_is_there(self):
        self.assertEqual(MISSING, [])

    def test_postgres_is_looked_at_ten_times_a_second(self):
        self.assertLess(seconds(lambda: [next(loop) for loop in [postgresql.polling_loop(9)] for _ in range(3)]), 0.5)
        self.assertLess(seconds(lambda: postgresql.time.sleep(1)), 0.5)
        self.assertLess(postgresql.STOP_POLLING_INTERVAL, 0.5)

    def test_whether_a_standby_has_the_last_wal_is_asked_until_it_has(self):
        ours = node(None)
        self.assertTrue(ha.Ha.is_failover_possible(ours, cluster_lsn=7))
        self.assertEqual(ours.asked, [{'cluster_lsn': 7}] * 3)

    def test_a_node_of_one_waits_for_nobody(self):
        alone = node(None)
        alone.cluster.members = ['a']
        self.assertFalse(ha.Ha.is_failover_possible(alone, cluster_lsn=7))
        self.assertEqual(len(alone.asked), 1)

    def test_the_pause_before_that_is_gone(self):
        self.assertLess(seconds(lambda: ha.Ha.demote(node(None), 1)), 0.1)

    def test_the_pause_for_the_next_leader_ends_when_it_is_the_primary(self):
        self.assertLess(seconds(lambda: ha.Ha.demote(node(None, 'replica', 'primary'), 2)), 1)

    def test_and_is_as_long_as_before_when_there_is_none(self):
        self.assertGreaterEqual(seconds(lambda: ha.Ha.demote(node('replica'), 1.5)), 1.5)

    def test_other_pauses_stay(self):
        self.assertGreaterEqual(seconds(lambda: ha.time.sleep(0.3)), 0.3)


unittest.main(argv=['patroni'])
