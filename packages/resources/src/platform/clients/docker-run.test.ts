import type Docker from 'dockerode';
import { runContainer } from './docker-run.ts';

const refused = (statusCode: number, message: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), { statusCode, json: { message } }));

/** An engine with the one container an earlier attempt left, which it has begun to remove. */
function engineWith({ begun, until }: { begun: number; until: () => boolean }) {
  const calls: string[] = [];
  const old = {
    inspect: () => (until() ? refused(404, 'No such container') : Promise.resolve({ Id: 'old', Config: { Labels: { 'windlass.begun': String(begun) } } })),
    remove: () => (calls.push('remove old'), refused(409, 'removal of container old is already in progress')),
  }; // prettier-ignore
  const made = {
    id: 'new',
    start: () => Promise.resolve(),
    wait: () => Promise.resolve({ StatusCode: 0 }),
    logs: () => Promise.resolve(Buffer.alloc(0)),
    remove: () => Promise.resolve(),
  };
  const createContainer = () => {
    calls.push('create');
    return until() ? Promise.resolve(made) : refused(409, 'Conflict. The container name "/one" is already in use');
  };
  const docker = { createContainer, getContainer: (id: string) => (id === 'new' ? made : old) };
  return { docker: docker as unknown as Docker, calls };
}

const request = {
  name: 'one', image: 'x', command: ['true'], labels: {}, mounts: [], networks: [], signal: new AbortController().signal,
}; // prettier-ignore

test('what an earlier attempt left is being removed already: the run waits until its name is free', async () => {
  let asked = 0;
  const { docker, calls } = engineWith({ begun: 1, until: () => (asked += 1) > 4 });
  expect((await runContainer(docker, request)).exitCode).toBe(0);
  expect(calls.filter((call) => call === 'create').length).toBeGreaterThan(1);
});

test('a later attempt has the name: this one is over, and leaves it alone', async () => {
  const { docker, calls } = engineWith({ begun: Date.now() + 60_000, until: () => false });
  await expect(runContainer(docker, request)).rejects.toThrow("a later attempt works in container 'one'");
  expect(calls).toEqual(['create']);
});
