import type { ResourceRecord } from '../engine/records.ts';

/** A stored resource that is ready and runs anywhere; for tests that look at a part of it only. */
export const aResource = (kind: string, id: string, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
  ref: { kind, id },
  version: 1,
  spec: {},
  executor: { on: 'any' },
  dependsOn: [],
  phase: 'ready',
  inputsHash: '',
  taskId: 't0',
  updatedAt: '2026-01-01T00:00:00Z',
  ...more,
});
