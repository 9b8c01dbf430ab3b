import { refusalOf } from './grpc-refusal.ts';

const grpc = (code: number, details: string) =>
  Object.assign(new Error(`${String(code)} ${details}`), { code, details });

test.each([
  [3, 'WorkflowId length exceeds limit.'],
  [7, 'Request unauthorized.'],
  [12, 'unknown method'],
  [8, 'grpc: received message larger than max (5000000 vs 4194304)'],
])('status %i, %s: final', (code, details) => {
  expect(refusalOf(new Error('Failed to start Workflow', { cause: grpc(code, `${details}\nand more`) }))).toBe(details);
});

test.each([
  [14, 'connection refused'],
  [4, 'Deadline exceeded'],
  [8, 'namespace rate limit exceeded'],
  [9, 'the namespace is not active here'],
  [5, 'Namespace default is not found.'],
])('status %i, %s: may pass', (code, details) => {
  expect(refusalOf(grpc(code, details))).toBeUndefined();
});

test('what is no answer of gRPC’s is no refusal', () => {
  expect(refusalOf(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBeUndefined();
  expect(refusalOf('text')).toBeUndefined();
});
