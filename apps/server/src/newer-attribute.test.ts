import { NewerAttribute } from './newer-attribute.ts';

const ALL = { WindlassEntity: 'stream/orders', WindlassTaskType: 'create' };
const LESS = { WindlassTaskType: 'create' };

/** What a Temporal is asked that knows the attribute or does not. */
function openTemporal() {
  const world = { knows: false, asked: [] as unknown[] };
  const start = async (attributes: object) => {
    world.asked.push(attributes);
    if (world.knows || !('WindlassEntity' in attributes)) return 'started';
    const details = 'Namespace default has no mapping defined for search attribute WindlassEntity';
    throw new Error('Failed to start Workflow', { cause: new Error(`3 INVALID_ARGUMENT: ${details}`) });
  };
  return { world, start };
}

test('a Temporal that does not know the attribute yet starts without it, and with it once it was told', async () => {
  const { world, start } = openTemporal();
  const attribute = new NewerAttribute();
  for (let i = 0; i < 2; i++) expect(await attribute.start(ALL, start)).toBe('started');
  expect(world.asked).toEqual([ALL, LESS, LESS]);
  world.knows = true;
  attribute.learned();
  await attribute.start(ALL, start);
  expect(world.asked.at(-1)).toEqual(ALL);
});

test('another refusal is one', async () => {
  const refused = () => Promise.reject(new Error('WorkflowId length exceeds limit.'));
  await expect(new NewerAttribute().start(ALL, refused)).rejects.toThrow('WorkflowId length');
});
