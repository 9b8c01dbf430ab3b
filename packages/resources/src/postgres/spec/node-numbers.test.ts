import type { DatabaseSpec } from './database.ts';
import { MOST_NUMBERS, numberNodes, type NodeNumbers } from './node-numbers.ts';

const spec = (...names: string[]): DatabaseSpec => ({
  database_name: 'shop',
  nodes: names.map((name) => ({ name, host_ids: ['host-1'] })),
});

describe('the numbers of nodes', () => {
  it('are not given while there is one node, and stay when one is left', () => {
    expect(numberNodes(spec('n1'))).toBeUndefined();
    const two = numberNodes(spec('n1', 'n2'));
    expect(two?.current).toEqual({ n1: 1, n2: 2 });
    expect(numberNodes(spec('n2'), two)).toEqual({ current: { n2: 2 }, given: [1, 2] });
  });

  it('belong to a node, wherever it stands and whoever comes or goes', () => {
    const two = numberNodes(spec('n1', 'n2'));
    expect(numberNodes(spec('n0', 'n2', 'n1'), two)?.current).toEqual({ n0: 3, n2: 2, n1: 1 });
  });

  it('are not given again to the name of one that was gone', () => {
    const gone = numberNodes(spec('n1'), numberNodes(spec('n1', 'n2')));
    expect(numberNodes(spec('n1', 'n2'), gone)?.current).toEqual({ n1: 1, n2: 3 });
  });

  it('begin again with the one that has been gone for longest, never with one that is in use or just goes', () => {
    let numbers: NodeNumbers | undefined = numberNodes(spec('n1', 'x2'));
    for (let i = 3; i <= MOST_NUMBERS; i += 1) numbers = numberNodes(spec('n1', `x${String(i)}`), numbers);
    expect(numbers?.current).toEqual({ n1: 1, [`x${String(MOST_NUMBERS)}`]: MOST_NUMBERS });
    expect(numberNodes(spec('n1', 'y'), numbers)?.current).toEqual({ n1: 1, y: 2 });
    expect(numberNodes(spec('constructor', 'n1'), numbers)?.current).toEqual({ constructor: 2, n1: 1 });
  });
});
