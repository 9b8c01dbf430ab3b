import { chainsOf, possibleKeys, wallChanges, wallKey, type Wall } from './wall-rules.ts';

/** What is there before any worker. */
const BARE = '*filter\n:INPUT ACCEPT [0:0]\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -j RETURN\nCOMMIT\n';
/** Keys of two workers. */
const [A, B] = ['aaaaaaaa', 'bbbbbbbb'];
const at = (n: number, ...keys: string[]) => ({ address: `172.17.0.${String(n)}`, keys });
const wall = (more: Partial<Wall> = {}): Wall => ({
  key: 'aaaaaaaa',
  device: 'docker0',
  containers: [at(2, A), at(3, B)],
  open: [{ address: '172.17.0.1', port: 2379 }],
  machines: ['192.0.2.8'],
  publishOn: ['192.0.2.7'],
  ...more,
});

/** The rules after a change, as `iptables-save` would say; what `iptables-restore --noflush` does to them. */
function apply(saved: string, changes: string | undefined): string {
  let lines = saved.split('\n');
  for (const line of (changes ?? '').split('\n')) {
    const [verb = '', chain = ''] = line.split(' ');
    const isOf = (one: string): boolean => one.startsWith(`-A ${chain} `);
    if (verb === '-N') lines.push(`:${chain} - [0:0]`);
    if (verb.startsWith(':')) lines = [...lines.filter((one) => !one.startsWith(`-A ${verb.slice(1)} `) && one !== line), line]; // prettier-ignore
    if (verb === '-A') lines.push(line);
    if (verb === '-I') lines.unshift(line.replace(/^-I (\S+) 1 /, '-A $1 '));
    if (verb === '-D') {
      expect(lines.some((one) => isOf(one) && one.slice(3) === line.slice(3))).toBe(true);
      lines = lines.filter((one) => one.slice(3) !== line.slice(3));
    }
  }
  return lines.join('\n');
}
const built = (...walls: readonly Wall[]): string =>
  walls.reduce((saved, one) => apply(saved, wallChanges(one, saved)), BARE);
const rulesOf = (saved: string, chain: string): string[] =>
  saved.split('\n').flatMap((line) => (line.startsWith(`-A ${chain} `) ? [line.slice(chain.length + 4)] : []));
/** Where what an address sends to this machine, or on to others, is judged. */
const leads = (saved: string, address: string): string[] =>
  saved.split('\n').flatMap((line) => {
    const [, shared = '', target = ''] = new RegExp(`^-A (WINDLASS-\\w+) -s ${address}/32 -i docker0 -g (.*)$`).exec(line) ?? [];
    return shared === '' ? [] : [`${shared} ${target}`];
  }); // prettier-ignore

const ANSWERS = '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN';
const REFUSE = '-g WINDLASS-aaaaaaaa-NO';
const NAMES = ['-p udp -m udp --dport 53 -j RETURN', '-p tcp -m tcp --dport 53 -j RETURN'];
const ETCD = '-d 172.17.0.1/32 -p tcp -m tcp --dport 2379 -j RETURN';

test('containers reach names and etcd on this machine, nothing of the cluster elsewhere, and the rest of the world', () => {
  const saved = built(wall());
  const { toMachine, onward, fromOthers, refuse } = chainsOf('aaaaaaaa');
  expect(rulesOf(saved, refuse)).toEqual([
    '-p tcp -j REJECT --reject-with tcp-reset',
    '-j REJECT --reject-with icmp-port-unreachable',
  ]);
  expect(rulesOf(saved, toMachine)).toEqual([ANSWERS, ...NAMES, ETCD, REFUSE]);
  const refused = ['172.17.0.2', '172.17.0.3', '192.0.2.8'].map((address) => `-d ${address}/32 ${REFUSE}`);
  expect(rulesOf(saved, onward)).toEqual([ANSWERS, ...NAMES, ETCD, ...refused]);
  expect(rulesOf(saved, fromOthers)).toEqual([ANSWERS, '-m conntrack --ctorigdst 192.0.2.7 -j RETURN', REFUSE]);
  expect(rulesOf(saved, 'INPUT')).toEqual(['-i docker0 -j WINDLASS-IN']);
  expect(rulesOf(saved, 'DOCKER-USER')).toEqual(['-j WINDLASS-FWD', '-j RETURN']);
  expect(rulesOf(saved, 'WINDLASS-IN')).toEqual([`-s 172.17.0.2/32 -i docker0 -g ${toMachine}`]);
  expect(rulesOf(saved, 'WINDLASS-FWD')).toEqual([
    `-s 172.17.0.2/32 -i docker0 -g ${onward}`,
    `-d 172.17.0.2/32 ! -i docker0 -o docker0 -g ${fromOthers}`,
  ]);
});

test('where everything is as it should be nothing is changed; where Docker or somebody else took a hook, it comes back', () => {
  const saved = built(wall());
  expect(wallChanges(wall(), saved)).toBeUndefined();
  const without = saved.replace('-A DOCKER-USER -j WINDLASS-FWD\n', '');
  expect(wallChanges(wall(), without)).toBe('*filter\n-I DOCKER-USER 1 -j WINDLASS-FWD\nCOMMIT\n');
});

test('published ports answer everywhere where no address is said, also after one was', () => {
  const saved = built(wall(), wall({ publishOn: undefined }));
  expect(rulesOf(saved, 'WINDLASS-FWD')).toEqual(['-s 172.17.0.2/32 -i docker0 -g WINDLASS-aaaaaaaa-FWD']);
});

test('an address that nobody has any more stays refused, until a container of others has it', () => {
  const gone = built(wall(), wall({ containers: [at(3, B)] }));
  expect(leads(gone, '172.17.0.2')).toEqual(['WINDLASS-IN WINDLASS-aaaaaaaa-IN', 'WINDLASS-FWD WINDLASS-aaaaaaaa-FWD']);
  const taken = built(wall(), wall({ containers: [at(2)] }));
  expect(taken).not.toContain('172.17.0.2/32 -i');
  expect(taken).not.toContain('172.17.0.2/32 !');
});

test('two workers on one machine: each has its addresses, and who is away loses what went to somebody else', () => {
  const other = wall({ key: B, open: [{ address: '172.17.0.1', port: 12379 }] });
  const both = built(wall(), other);
  const judgedBy = (key: string): string[] => [`WINDLASS-IN WINDLASS-${key}-IN`, `WINDLASS-FWD WINDLASS-${key}-FWD`];
  expect([leads(both, '172.17.0.2'), leads(both, '172.17.0.3')]).toEqual([judgedBy(A), judgedBy(B)]);
  expect([wallChanges(wall(), both), wallChanges(other, both)]).toEqual([undefined, undefined]);
  const after = (containers: Wall['containers']): string[][] => {
    const saved = apply(both, wallChanges({ ...other, containers }, both));
    return [leads(saved, '172.17.0.2'), leads(saved, '172.17.0.3')];
  };
  expect(after([at(2, B), at(3, B)])).toEqual([judgedBy(B), judgedBy(B)]);
  expect(after([at(2), at(3, B)])).toEqual([[], judgedBy(B)]);
  // Of a third worker, which may keep no filter.
  expect(after([at(2, 'cccccccc'), at(3, 'cccccccc')])).toEqual([[], []]);
});

test('a container is of the worker in whose data directory something is that it mounts', () => {
  const keys = possibleKeys(['/mnt/x', '/var/lib/windlass/instances/a/data', '/var/lib/windlass/backups/b']);
  expect(keys).toEqual(expect.arrayContaining(['/mnt/x', '/var/lib/windlass', '/var/lib/windlass/'].map(wallKey)));
  expect(keys).not.toContain(wallKey('/var/lib/windlass-2'));
  expect(new Set(keys).size).toBe(keys.length);
});

test('what is no address of IPv4 makes no rule', () => {
  const odd = built(
    wall({ machines: ['::1', 'db.example.com'], publishOn: ['::1'], open: [{ address: 'x', port: 1 }] }),
  );
  expect(odd).not.toMatch(/::1|example|\bx\b/);
});
