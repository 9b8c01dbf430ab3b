/** A process is alive when it answers: what bin/up, /readyz and the list of hosts say right after a kill. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call, get } from './client.ts';
import { bash, HOME, sh, until } from './stack.ts';

const pidFile = (name: string): string => path.join(HOME, `run/${name}.pid`);
const pidOf = (name: string): number => Number(readFileSync(pidFile(name), 'utf8'));
const library = '. bin/lib/common.sh; . bin/lib/processes.sh';
const holds = (condition: string): Promise<string> => bash(`${library}; ${condition} && echo yes || echo no`);
const stateOfHost = async (): Promise<string> =>
  (await get<{ status: { state: string } }>('/v1/hosts/host-1')).status.state;

test('a worker that was killed is unreachable and not ready within 3 s, and bin/up starts another at once', async () => {
  const before = pidOf('worker');
  process.kill(before, 'SIGKILL');
  const said = await sh('bin/up', '--no-example');
  expect(said).toContain('start the worker of host host-1');
  expect(pidOf('worker')).not.toBe(before);
  expect(await holds('running worker')).toBe('yes\n');
  expect([(await call('GET', '/readyz')).status, await stateOfHost()]).toEqual([200, 'healthy']);

  process.kill(pidOf('worker'), 'SIGKILL');
  const again = performance.now();
  await until('the host to be unreachable', async () => (await stateOfHost()) === 'unreachable', 10_000);
  const { status, body } = await call<{ checks: unknown[] }>('GET', '/readyz');
  expect(performance.now() - again).toBeLessThan(3000);
  expect(status).toBe(503);
  expect(body.checks).toContainEqual({ name: 'worker', healthy: false, error: 'no worker of a host lives' });
  await sh('bin/up', '--no-example');
  expect(await stateOfHost()).toBe('healthy');
}, 120_000);

test('a worker that stands still is ended and started anew', async () => {
  const before = pidOf('worker');
  process.kill(before, 'SIGSTOP');
  await until('the host to be unreachable', async () => (await stateOfHost()) === 'unreachable', 10_000);
  const said = await sh('bin/up', '--no-example');
  expect(said).toContain('end worker, which does not answer');
  expect(pidOf('worker')).not.toBe(before);
}, 120_000);

test('bin/up changes nothing where everything answers', async () => {
  const before = ['etcd', 'temporal', 'worker', 'server'].map(pidOf);
  expect((await sh('bin/up', '--no-example')).trim()).toBe('Windlass: getting ready');
  expect(['etcd', 'temporal', 'worker', 'server'].map(pidOf)).toEqual(before);
});

test('where the example is not served yet, bin/up says that, and no line with a gap for its port', async () => {
  const connectLine = async (answer: object): Promise<string> => {
    const asked = `curl() { echo '${JSON.stringify(answer)}'; }`;
    return (await bash(`${library}; . bin/lib/example.sh; ${asked}; EXAMPLE_PASSWORD=/dev/null; connect_line`)).trim();
  };
  const silent = /^not yet: the database "hello" is creating; see http\S+\/v1\/databases\/hello$/;
  for (const instances of [[], [{}], [{ connection_info: {} }]])
    expect(await connectLine({ state: 'creating', instances })).toMatch(silent);
  const served = { state: 'available', instances: [{ connection_info: { port: 5544 } }] };
  expect(await connectLine(served)).toBe('psql "postgresql://app:@127.0.0.1:5544/hello"');
});

test('a zombie, and a number that is another program by now, are not running', async () => {
  // It ends when its parent is tail, which asks for no child: a shell might still have asked for it.
  const child = 'until grep -q tail /proc/$$/comm; do :; done';
  const isZombie = `grep -qs " Z " /proc/$(cat ${pidFile('zombie')} 2>/dev/null)/stat`;
  const zombie = `bash -c '(${child}) & echo $! >${pidFile('zombie')}; exec tail -f /dev/null' & parent=$!
    timeout 30 bash -c 'until ${isZombie}; do :; done' || { kill $parent; exit 1; }
    ${library}; running zombie && echo yes || echo no; kill $parent; rm -f ${pidFile('zombie')}`;
  expect(await bash(zombie)).toBe('no\n');
  writeFileSync(pidFile('other'), String(process.pid));
  expect(await holds('running other')).toBe('yes\n');
  writeFileSync(path.join(HOME, 'run/other.started'), '1');
  expect(await holds('running other')).toBe('no\n');
  await bash(`rm -f ${HOME}/run/other.*`);
});

test('a process of which only the first thread has ended holds its port, and is running; then it is not', async () => {
  const pid = pidFile('threads');
  const program = `import ctypes, socket, threading, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
threading.Thread(target=time.sleep, args=(60,)).start(); ctypes.CDLL(None).pthread_exit(None)`;
  const said = await bash(`${library}; launch threads python3 -c '${program}'
    timeout 30 bash -c 'until grep -qs " Z " /proc/$(cat ${pid})/stat; do :; done'
    port=$(cat $HOME_DIR/log/threads.log); port_open $port && echo open; running threads && echo running
    end threads KILL; port_open $port || echo closed; rm -f $HOME_DIR/log/threads.log`);
  expect(said).toBe('open\nrunning\nclosed\n');
});

test('a long step says what it does before it begins, and shows that it lives, without a carriage return', async () => {
  const marker = path.join(HOME, 'step-begins');
  const script = `${library}; SIGN_OF_LIFE_SECONDS=1
    work() { until [ -s ${marker} ]; do wait_for 1 test -s ${marker}; done; echo half of it; wait_for 3 false; true; }
    step 'a long step' work; try_step 'what may fail' false || echo 'went on'; step 'a step that fails' die 'for a reason'`;
  const running = bash(`(${script}) >${HOME}/step.out 2>&1; true`);
  await until('the line', async () =>
    Promise.resolve(readFileSync(`${HOME}/step.out`, 'utf8').includes('a long step')),
  );
  writeFileSync(marker, 'go');
  await running;
  const out = readFileSync(`${HOME}/step.out`, 'utf8');
  expect(out).toMatch(
    /^ {2}a long step *\n( {4}… \d s.*\n)+ {2}a long step +\d\.\d s\n {2}what may fail +no\nwent on\n/,
  );
  expect(out).toMatch(/… \d s: half of it\n/);
  expect(out).toMatch(/a step that fails +FAILED\nwindlass: for a reason\nwindlass: 'a step that fails' failed/);
  expect(out).not.toContain('\r');
  await bash(`rm -f ${marker} ${HOME}/step.out`);
});

test('steps that run beside one another speak in whole lines, end when all have, and one that fails ends what comes after', async () => {
  const out = path.join(HOME, 'together.out');
  const script = `${library}; SIGN_OF_LIFE_SECONDS=1
    slow() { step 'a long step' eval 'echo half of it; wait_for 3 false; true'; step 'another' true; }
    quick() { step 'a quick step' true; step 'a step that fails' die 'for a reason'; step 'never' true; }
    together slow slow && echo both; together slow quick; echo never`;
  expect(await bash(`(${script}) >${out} 2>&1; echo $?`)).toBe('1\n');
  const lines = readFileSync(out, 'utf8').split('\n');
  const [first, second] = [lines.slice(0, lines.indexOf('both')), lines.slice(lines.indexOf('both') + 1)];
  expect(first.filter((line) => /^ {2}(a long step|another) +\d\.\d s$/.test(line))).toHaveLength(4);
  expect(first).toContain('    … a long step, 1 s: half of it');
  expect(second).toContainEqual(expect.stringMatching(/^ {2}a step that fails +FAILED$/));
  expect(second).toContainEqual(expect.stringMatching(/^ {2}another +0\.\d s$/));
  expect(lines.join('\n')).toMatch(/windlass: 'a step that fails' failed; the whole output is in .*setup-quick\.log/);
  expect(lines.join('\n')).not.toContain('never');
  await bash(`rm -f ${out} $HOME_DIR/log/setup-{slow,quick}.log`);
});
