"""Run in an image: what `windlass-patroni` changes in the Patroni of that image, and that it is there to be changed."""
import importlib.machinery
import importlib.util
import time
import types
import unittest

import patroni.postgresql as postgresql  # before patroni.ha, which it goes round in a circle with
import patroni.ha as ha
from patroni.api import RestApiHandler
from patroni.dcs import Member
from patroni.dcs.etcd import DnsCachingResolver
from patroni.postgresql.sync import SyncHandler

CHANGED = [
    (postgresql, ['STOP_POLLING_INTERVAL', 'polling_loop', 'time']),
    (ha, ['time', 'DCSError']),
    (ha.Ha, ['is_failover_possible', 'demote', 'shutdown', 'process_unhealthy_cluster', 'process_sync_replication', 'fetch_node_status']),
    (SyncHandler, ['set_synchronous_standby_names']),
    (SyncHandler(types.SimpleNamespace()), ['_primary_flush_lsn']),
    (RestApiHandler, ['disable_nagle_algorithm', 'parse_request', 'send_error']),
    (DnsCachingResolver, ['resolve', '_do_resolve']),
]
MISSING = [name for owner, names in CHANGED for name in names if not hasattr(owner, name)]

def is_failover_possible(self, **options):
    self.asked.append(options)
    return len(self.asked) == 3


ha.Ha.is_failover_possible = is_failover_possible
ha.Ha.demote = lambda self, seconds: ha.time.sleep(seconds)
ha.Ha.process_sync_replication = lambda self, seconds: ha.time.sleep(seconds)
SyncHandler.set_synchronous_standby_names = lambda self, names, num=None: self.set.append(names)

RestApiHandler.parse_request = lambda self: self.is_whole
RestApiHandler.send_error = lambda self, code, message: self.refused.append(code)

path = '/usr/local/bin/windlass-patroni'
loader = importlib.machinery.SourceFileLoader('windlass_patroni', path)
ours = importlib.util.module_from_spec(importlib.util.spec_from_loader('windlass_patroni', loader))
loader.exec_module(ours)
for change in (
    ours.look_up_members_anew,
    ours.look_at_postgres_often,
    ours.answer_at_once,
    ours.answer_only_ours,
    ours.pause_by_method,
    ours.hand_over_at_once,
    ours.name_standbys_at_once,
    ours.wait_briefly_for_the_dead,
):
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


class Callers(unittest.TestCase):
    def answered(self, cert, is_whole=True):
        handler = object.__new__(RestApiHandler)
        handler.is_whole, handler.refused = is_whole, []
        handler.request = types.SimpleNamespace(getpeercert=lambda: cert)
        handler.server = types.SimpleNamespace(patroni=types.SimpleNamespace(config={'scope': 'shop:n1'}))
        return handler.parse_request(), handler.refused

    def test_the_control_plane_and_the_members_of_the_node_are_answered(self):
        for name in ('windlass', 'member-3393de14c4a8fafa6e860ffd02ae41d7'):
            self.assertEqual(self.answered({'subject': ((('commonName', name),),)}), (True, []), name)

    def test_nobody_else_is_whatever_certificate_of_the_authority_it_is(self):
        for subject in (
            (),
            ((('commonName', ''),),),
            ((('commonName', 'member-00000000000000000000000000000000'),),),
            ((('commonName', 'windlass'),), (('commonName', 'x'),)),
            ((('organizationName', 'windlass'),),),
        ):
            self.assertEqual(self.answered({'subject': subject}), (False, [403]), subject)
        self.assertEqual(self.answered(None), (False, [403]))

    def test_what_is_no_request_is_answered_by_patroni_itself(self):
        self.assertEqual(self.answered(None, is_whole=False), (False, []))


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

    def test_the_pause_for_synchronous_standbys_ends_when_they_are_waited_for(self):
        for answers, least, most in [
            ([[], [('b', 6)], [('b', 8), ('c', 9)]], 0.1, 1),  # B has not received enough at first
            ([[('c', 9)]], 0.5, 1),  # C is the one of before
            ([[('b', None)]], 0.5, 1),
        ]:
            ours = node(None)
            handler = object.__new__(SyncHandler)
            handler._primary_flush_lsn, handler.set = 7, []
            query = lambda _sql: answers.pop(0) if len(answers) > 1 else answers[0]
            ours.state_handler = types.SimpleNamespace(query=query, sync_handler=handler)
            handler.set_synchronous_standby_names({'B'})
            self.assertEqual(handler.set, [{'B'}])
            took = seconds(lambda: ha.Ha.process_sync_replication(ours, 2))
            self.assertTrue(least <= took < most, took)

    def test_a_pause_within_another_one_is_its_own(self):
        def both(self, pause):
            ha.Ha.demote(self, 1)
            ha.time.sleep(pause)

        self.assertLess(seconds(lambda: ours.pause_in(both, lambda _node, _seconds: None)(node(None), 9)), 0.1)

    def test_who_was_proven_dead_is_asked_but_not_waited_for_as_long(self):
        ours, asked = node(None), []

        def request(member, timeout, retries):
            asked.append((member.name, timeout))
            return types.SimpleNamespace(data=b'{"role": "replica", "xlog": {"received_location": 7}}')

        ours.patroni = types.SimpleNamespace(request=request)
        members = [Member.from_node(0, name, '', '{"api_url": "https://x:8008/patroni"}') for name in ('listed', 'dead')]
        for failsafe in ({'dead': 'https://x:8008/patroni'}, None):
            ours.cluster = types.SimpleNamespace(members=members[:1], failsafe=failsafe)
            found = [ha.Ha.fetch_node_status(ours, member) for member in members]
            self.assertEqual([(one.reachable, one.wal_position) for one in found], [(True, 7)] * 2)
        self.assertEqual(asked, [('listed', 2), ('dead', 2), ('listed', 2), ('dead', 0.1)])

    def test_and_who_does_not_answer_is_unknown(self):
        ours = node(None)
        ours.cluster = types.SimpleNamespace(members=[], failsafe=None)
        dead = Member.from_node(0, 'dead', '', '{"api_url": "https://127.0.0.1:1/patroni"}')
        ours.patroni = types.SimpleNamespace(request=lambda *_args, **_options: 1 / 0)
        self.assertFalse(ha.Ha.fetch_node_status(ours, dead).reachable)

    def test_other_pauses_stay(self):
        self.assertGreaterEqual(seconds(lambda: ha.time.sleep(0.3)), 0.3)


unittest.main(argv=['patroni'])
