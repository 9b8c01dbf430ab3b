import type { StoredSpec } from './index.ts';
import { otherNodes, presentNow, remadeNodes, remakingNodes } from './remade-nodes.ts';

const node = (name: string, more: object = {}) => ({ name, host_ids: ['host-1'], ...more });
const stored: StoredSpec = {
  spec: { database_name: 'shop', nodes: [node('n1'), node('n2'), node('n3', { source_node: 'n2' })] },
  passwordVersions: {},
  nodeNumbers: { current: { n1: 1, n2: 2, n3: 3 }, given: [1, 2, 3] },
  nodeSources: { n3: { source: 'n2', there: ['n1', 'n2'] } },
};
const remade = (names: readonly string[]): StoredSpec => remadeNodes(remakingNodes(stored, names));

it('names the others', () => {
  expect(otherNodes(stored.spec, ['n2'])).toEqual(['n1', 'n3']);
});

it('a node that is being removed is as if it were not declared', () => {
  const removing = remakingNodes(remakingNodes(stored, ['n2']), ['n2']);
  expect(presentNow(removing).spec.nodes.map(({ name }) => name)).toEqual(['n1', 'n3']);
  expect(presentNow(stored)).toEqual(stored);
});

it('nodes are not all made anew: nothing would be left to copy', () => {
  expect(() => presentNow(remakingNodes(stored, ['n1', 'n2', 'n3']))).toThrow('no node is left of which n1, n2, n3');
});

it('a node that is made anew has another number, and is a copy of one that stays', () => {
  const made = remade(['n1']);
  expect([made.spec, made.remaking]).toEqual([stored.spec, undefined]);
  expect(made.nodeNumbers).toEqual({ current: { n1: 4, n2: 2, n3: 3 }, given: [1, 2, 3, 4] });
  expect(made.nodeSources).toEqual({
    n1: { source: 'n2', there: ['n2', 'n3'] },
    n3: { source: 'n2', there: ['n2'] },
  });
});

it('of several the node that stays is the source, whatever they were a copy of', () => {
  expect(remade(['n1', 'n2'])).toMatchObject({
    nodeNumbers: { current: { n1: 4, n2: 5, n3: 3 } },
    nodeSources: { n1: { source: 'n3', there: ['n3'] }, n2: { source: 'n3', there: ['n3'] } },
  });
  const copy = { source: 'n1', there: ['n1'] };
  expect(remade(['n2', 'n3']).nodeSources).toEqual({ n2: copy, n3: copy });
});
