import type { Desired } from '@windlass/resources/engine';
import { soleHost } from './sole-host.ts';

const instance = (nodeName: string, hostId: string): Desired => ({
  ref: { kind: 'postgres.instance', id: `db-${nodeName}-${hostId}` },
  version: 1,
  spec: { nodeName, hostId },
  executor: { on: 'host', hostId },
  dependsOn: [],
});

test('a node on one host has one place, whatever the other nodes do', () => {
  expect(soleHost([instance('n1', 'h1'), instance('n2', 'h2'), instance('n2', 'h3')], 'n1')).toBe('h1');
  expect(soleHost([instance('n1', 'h1'), instance('n1', 'h1')], 'n1')).toBe('h1'); // wanted and stored
});

test('a node on several hosts, one that moves and one that nobody knows have none', () => {
  expect(soleHost([instance('n1', 'h1'), instance('n1', 'h2')], 'n1')).toBeUndefined();
  expect(soleHost([instance('n2', 'h2')], 'n1')).toBeUndefined();
});
