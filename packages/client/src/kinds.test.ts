import { kindsOf, pathOf } from './kinds.ts';

const get = (operationId: string) => ({ get: { operationId } });

test('what has a list, single ones and tasks is a kind, with what can be done with it', () => {
  const kinds = kindsOf({
    paths: {
      '/v1/tasks': get('list-tasks'),
      '/v1/tasks/{task_id}': get('get-task'),
      '/v1/gadget-boxes': { ...get('list'), post: { operationId: 'create' } },
      '/v1/gadget-boxes/{gadget_box_id}': { ...get('get'), delete: { operationId: 'delete' } },
      '/v1/gadget-boxes/{gadget_box_id}/tasks/{task_id}/log': get('log'),
      '/v1/gadget-boxes/{gadget_box_id}/tasks/{task_id}:cancel': { post: { operationId: 'cancel' } },
      '/v1/gadget-boxes:plan': { post: { operationId: 'plan' } },
    },
  });
  expect(kinds.map(({ noun, plural }) => [noun, plural])).toEqual([['gadget-box', 'gadget-boxes']]);
  const [kind] = kinds;
  expect(Object.keys(kind ?? {}).sort()).toEqual(
    ['create', 'delete', 'get', 'list', 'noun', 'planCreate', 'plural', 'taskCancel', 'taskLog'].sort(),
  );
  expect(pathOf(kind?.taskCancel ?? kind!.get, 'a/b', 't')).toBe('/v1/gadget-boxes/a%2Fb/tasks/t:cancel');
});

test.each([undefined, [], { paths: 1 }, { paths: { '/v1/x/{x_id}': null } }])('of %j there are none', (document) => {
  expect(kindsOf(document)).toEqual([]);
});
