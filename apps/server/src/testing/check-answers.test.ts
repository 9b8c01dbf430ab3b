import Fastify from 'fastify';
import { DomainError, type ErrorName } from '@windlass/resources/errors';
import { z } from 'zod';
import { defineRoute, type Route } from '../core/route.ts';
import { WireError } from '../core/wire-error.ts';
import { checkAnswers } from './check-answers.ts';

const Answer = z.object({
  name: z.string(),
  size: z.int().optional(),
  parts: z.array(z.object({ id: z.string() })),
  labels: z.record(z.string(), z.unknown()).optional(),
});
const route: Route = defineRoute({
  operationId: 'get-thing',
  method: 'GET',
  url: '/v1/things',
  tag: 'system',
  needs: 'open',
  reaches: 'nothing',
  summary: 'A thing',
  response: Answer,
  errors: ['not_found'],
  handle: () => Promise.resolve({ name: 'a', parts: [] }),
});

const answered = (answer: unknown, asked: Route = route) => {
  const check = checkAnswers();
  check.answered(asked, answer);
  return () => check.settle();
};
const refused = (error: unknown, asked: Route = route) => {
  const check = checkAnswers();
  check.refused(asked, error);
  return () => check.settle();
};
const { response: _, ...declared } = route;
const silent: Route = declared;

test('an answer that is what its schema says is fine, and so is what is not sent', () => {
  expect(answered({ name: 'a', parts: [{ id: 'x' }], size: undefined, labels: { any: { deep: 1 } } })).not.toThrow();
  expect(answered(undefined, silent)).not.toThrow();
});

test.each([
  ['a field that is missing', { parts: [] }, 'get-thing answers name: Invalid input'],
  ['a field of the wrong type', { name: 'a', size: '1', parts: [] }, 'get-thing answers size: Invalid input'],
  ['a field nobody declared', { name: 'a', parts: [], colour: 'blue' }, 'answers colour, which is not in its schema'],
  [
    'the same deep inside',
    { name: 'a', parts: [{ id: 'x', at: 1 }] },
    'answers parts.0.at, which is not in its schema',
  ],
  ['nothing', undefined, 'get-thing answers : Invalid input'],
])('%s is found', (_what, answer, problem) => {
  expect(answered(answer)).toThrow(problem);
});

test('an answer of a route that declares none is found', () => {
  expect(answered({ name: 'a' }, silent)).toThrow('answers something, and declares nothing');
});

test.each<[ErrorName, boolean]>([
  ['not_found', true],
  ['store_unavailable', true],
  ['cluster_not_initialized', true],
  ['invalid_input', false],
  ['not_permitted', false],
  ['database_not_modifiable', false],
])('a route that declares not_found and reads nothing may answer %s: %s', (name, may) => {
  const settle = refused(new DomainError(name));
  if (may) expect(settle).not.toThrow();
  else expect(settle).toThrow(`get-thing answers ${name}, which it does not declare`);
});

test('a broken schema is for routes that read something, a failure inside for all', () => {
  expect(refused(new WireError('invalid_length', 'too long'))).toThrow('answers invalid_length and reads nothing');
  expect(refused(new WireError('invalid_length', 'too long'), { ...route, url: '/v1/things/:id' })).not.toThrow();
  expect(refused(new Error('inside'))).not.toThrow();
});

test('what was found is said once, also by closing the application', async () => {
  const check = checkAnswers();
  check.answered(route, {});
  const app = Fastify().addHook('onClose', () => Promise.resolve().then(check.settle));
  await expect(app.close()).rejects.toThrow('not what the route declares');
  expect(check.settle).not.toThrow();
});
