import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { execInContainer } from './docker-exec.ts';

const SILENCE = new Promise<never>(() => undefined);
const patience = { answersMs: 60_000, stopsMs: 5 };
const command = ['pg_isready', '-q'];

/** An engine whose commands end when they are told to, or never; what it was asked to run, and its output. */
function engine(say: { create?: Promise<never>; start?: Promise<never>; deaf?: boolean; ends?: boolean } = {}) {
  const asked: string[] = [];
  const outputs: PassThrough[] = [];
  const output = (line: string): PassThrough => {
    const stream = new PassThrough();
    outputs.push(stream);
    if (say.ends ?? !line.includes('exec "$@"')) stream.end();
    if (line.includes('kill') && !say.deaf) outputs.forEach((other) => other.end());
    return stream.resume();
  };
  const exec = ({ Cmd }: { Cmd: string[] }) => {
    asked.push(Cmd.join(' '));
    const start = () => say.start ?? Promise.resolve(output(Cmd.join(' ')));
    return say.create ?? Promise.resolve({ start, inspect: () => Promise.resolve({ ExitCode: 0 }) });
  };
  const docker = { getContainer: () => ({ exec }), modem: { demuxStream: () => undefined } };
  return { docker: docker as unknown as Docker, asked, outputs };
}
const never = new AbortController().signal;
const told = (asked: string[]): boolean => asked.some((line) => line.includes('kill -TERM'));

test('a command that ends gives its exit code, and nobody tells it to stop', async () => {
  const { docker, asked } = engine({ ends: true });
  expect(await execInContainer(docker, 'c', { command, signal: never }, patience)).toMatchObject({ exitCode: 0 });
  expect(told(asked)).toBe(false);
});

test.each([
  ['makes no command', { create: SILENCE }],
  ['does not begin the command', { start: SILENCE }],
])('an engine that %s is not waited for', async (_what, say) => {
  const call = execInContainer(engine(say).docker, 'c', { command, signal: never }, { ...patience, answersMs: 5 });
  const message = 'the Docker engine did not answer within 0.005 s';
  await expect(call).rejects.toMatchObject({ code: 'docker_unavailable', message });
});

test.each([
  ['ends when it is told to', false],
  ['does not even then', true],
])(
  'a command that takes too long is told to stop and named by the error, which is the same if it %s',
  async (_how, deaf) => {
    const { docker, asked, outputs } = engine({ deaf });
    const call = execInContainer(docker, 'c', { command, signal: never, limitMs: 5 }, patience);
    const message = "'pg_isready' in a container did not end within 0.005 s";
    await expect(call).rejects.toMatchObject({ code: 'docker_unavailable', message });
    expect(told(asked)).toBe(true);
    expect(outputs[0]?.destroyed).toBe(true); // nobody listens to it any more
  },
);

test('the clock of the caller is named, too; a cancel stays what it is', async () => {
  const late = execInContainer(engine().docker, 'c', { command, signal: AbortSignal.timeout(5) }, patience);
  await expect(late).rejects.toThrow("'pg_isready' in a container did not end in time");
  const [canceled, reason] = [new AbortController(), new Error('canceled')];
  const call = execInContainer(engine().docker, 'c', { command, signal: canceled.signal, limitMs: Infinity }, patience);
  canceled.abort(reason);
  await expect(call).rejects.toBe(reason);
});
