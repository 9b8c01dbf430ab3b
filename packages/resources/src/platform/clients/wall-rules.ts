import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import path from 'node:path';

/** An address and a port of TCP. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A container on the bridge. */
export interface OnBridge {
  readonly address: string;
  /** Of the workers that it may be of, see `possibleKeys`; none: it is none of Windlass. */
  readonly keys: readonly string[];
}

/** What stands between the containers of one worker and everything else of the cluster. Addresses are IPv4; others are left out. */
export interface Wall {
  /** Tells the chains of this worker from those of another one on the same machine: eight hexadecimal digits. */
  readonly key: string;
  /** Docker's own bridge. */
  readonly device: string;
  readonly containers: readonly OnBridge[];
  /** What its containers reach although it is on a machine of the cluster: etcd, and what an operator allows. */
  readonly open: readonly Place[];
  /** Addresses of the other machines of the cluster. */
  readonly machines: readonly string[];
  /** Addresses of this machine at which its containers' published ports answer to others; undefined: all. */
  readonly publishOn?: readonly string[] | undefined;
}

/**
 * Chains of all workers of the machine, with a rule for each address on the bridge: it leads to the chains of the worker whose
 * container has, or had, the address. What a chain does not refuse goes on to the other rules of the machine.
 */
export const SHARED = { toMachine: 'WINDLASS-IN', onward: 'WINDLASS-FWD' } as const;

/** Of the worker with this data directory. */
export const wallKey = (dataDir: string): string =>
  createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 8);

/** Of the workers whose data directory has something in it that a container mounts: of every directory above. */
export function possibleKeys(mounted: readonly string[]): string[] {
  const above = (directory: string): string[] => {
    const parent = path.dirname(directory);
    return parent === directory ? [] : [directory, ...above(parent)];
  };
  return unique(mounted.flatMap(above)).map(wallKey);
}

/** The chains of one worker: what its containers send to this machine, what they send on to others, what others send to them, and the end of what is refused. */
export const chainsOf = (key: string) => ({
  toMachine: `WINDLASS-${key}-IN`,
  onward: `WINDLASS-${key}-FWD`,
  fromOthers: `WINDLASS-${key}-PUB`,
  refuse: `WINDLASS-${key}-NO`,
});

/** Who connects is told at once; the kernel answers few other packets a second. */
const REFUSALS = ['-p tcp -j REJECT --reject-with tcp-reset', '-j REJECT --reject-with icmp-port-unreachable'];
/** What is answered was asked by somebody who may. */
const ANSWERS = '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN';
/** Names are asked for where the machine asks for them, which may be a machine of the cluster. */
const NAMES = ['-p udp -m udp --dport 53 -j RETURN', '-p tcp -m tcp --dport 53 -j RETURN'];

/**
 * What has to change, for `iptables-restore --noflush`, which does it all at once; undefined when nothing has to.
 * @param saved What `iptables-save -t filter` says.
 */
export function wallChanges(wall: Wall, saved: string): string | undefined {
  const lines = saved.split('\n');
  const changes = [...sharedChains(lines), ...ownChains(wall, lines), ...addressRules(wall, lines), ...hooks(wall, lines)]; // prettier-ignore
  return changes.length === 0 ? undefined : ['*filter', ...changes, 'COMMIT', ''].join('\n');
}

/** What takes the chains of a worker away, and those that are shared after the last one; undefined when there are none. */
export function wallRemoval(key: string, saved: string): string | undefined {
  const lines = saved.split('\n');
  const [mine, shared] = [Object.values(chainsOf(key)), Object.values(SHARED)].map((all) =>
    all.filter((chain) => isThere(lines, chain)),
  ) as [string[], string[]];
  if (mine.length === 0) return undefined;
  const rules = lines.filter((line) => shared.some((chain) => line.startsWith(`-A ${chain} `)));
  const ours = rules.filter((line) => mine.some((chain) => line.endsWith(` -g ${chain}`)));
  const unused = ours.length === rules.length ? shared : [];
  const jumps = lines.filter((line) => unused.some((chain) => line.endsWith(` -j ${chain}`)));
  const gone = [...mine, ...unused];
  return [
    '*filter',
    ...[...ours, ...jumps].map((line) => line.replace(/^-A/, '-D')),
    ...gone.map((chain) => `-F ${chain}`),
    ...gone.map((chain) => `-X ${chain}`),
    ...['COMMIT', ''],
  ].join('\n');
}

const isThere = (lines: readonly string[], chain: string): boolean =>
  lines.some((line) => line.startsWith(`:${chain} `));

/** Another worker may make them meanwhile: then all of it is refused, and looked at anew. */
const sharedChains = (lines: readonly string[]): string[] =>
  Object.values(SHARED).flatMap((chain) => (isThere(lines, chain) ? [] : [`-N ${chain}`]));

const hooks = ({ device }: Wall, lines: readonly string[]): string[] =>
  [
    ['INPUT', `-i ${device} -j ${SHARED.toMachine}`],
    ['DOCKER-USER', `-j ${SHARED.onward}`],
  ].flatMap(([chain = '', jump = '']) => (lines.includes(`-A ${chain} ${jump}`) ? [] : [`-I ${chain} 1 ${jump}`]));

function ownChains(wall: Wall, lines: readonly string[]): string[] {
  const chains = chainsOf(wall.key);
  const refuse = `-g ${chains.refuse}`;
  const pass = wall.open
    .filter(({ address }) => isIPv4(address))
    .map(({ address, port }) => `-d ${address}/32 -p tcp -m tcp --dport ${String(port)} -j RETURN`);
  const ours = wall.containers.filter(({ keys }) => keys.length > 0).map(({ address }) => address);
  const refused = unique([...ours, ...wall.machines].filter(isIPv4));
  const answering = (wall.publishOn ?? []).filter(isIPv4);
  const wanted: readonly [chain: string, rules: readonly string[]][] = [
    [chains.refuse, REFUSALS],
    [chains.toMachine, [ANSWERS, ...NAMES, ...pass, refuse]],
    [chains.onward, [ANSWERS, ...NAMES, ...pass, ...refused.map((address) => `-d ${address}/32 ${refuse}`)]],
    [chains.fromOthers, [ANSWERS, ...answering.map((one) => `-m conntrack --ctorigdst ${one} -j RETURN`), refuse]],
  ];
  return wanted.flatMap(([chain, rules]) => {
    const text = unique(rules).map((rule) => `-A ${chain} ${rule}`);
    const there = lines.filter((line) => line.startsWith(`-A ${chain} `));
    return isThere(lines, chain) && same(text, there) ? [] : [`:${chain} - [0:0]`, ...text];
  });
}

/**
 * One rule for each address and direction. An address that nobody has keeps its rule: a container that gets it while its worker is
 * away is one of Windlass more likely than not. As soon as a worker, whichever, sees somebody else's container there, the rule goes.
 */
function addressRules(wall: Wall, lines: readonly string[]): string[] {
  const holders = new Map(wall.containers.map(({ address, keys }) => [address, keys]));
  const own = wall.containers.filter(({ keys }) => keys.includes(wall.key)).map(({ address }) => address);
  const wanted = own.filter(isIPv4).flatMap((address) => rulesFor(address, wall));
  const there = lines.filter((line) => Object.values(SHARED).some((chain) => line.startsWith(`-A ${chain} `)));
  const mustGo = (line: string): boolean => {
    const [, address = '', target = '', key = ''] =
      /^-A \S+ -[sd] ([\d.]+)\/32 .*-g (WINDLASS-(\w+)-\w+)$/.exec(line) ?? [];
    if (holders.get(address)?.includes(key) === false) return true;
    if (key !== wall.key) return false;
    return own.includes(address) ? !wanted.includes(line) : isUnwanted(target, wall);
  };
  return [
    ...there.filter(mustGo).map((line) => line.replace(/^-A/, '-D')),
    ...unique(wanted).filter((line) => !there.includes(line)),
  ];
}

const isUnwanted = (target: string, { key, publishOn }: Wall): boolean =>
  publishOn === undefined && target === chainsOf(key).fromOthers;

function rulesFor(address: string, { key, device, publishOn }: Wall): string[] {
  const chains = chainsOf(key);
  return [
    `-A ${SHARED.toMachine} -s ${address}/32 -i ${device} -g ${chains.toMachine}`,
    `-A ${SHARED.onward} -s ${address}/32 -i ${device} -g ${chains.onward}`,
    ...(publishOn ? [`-A ${SHARED.onward} -d ${address}/32 ! -i ${device} -o ${device} -g ${chains.fromOthers}`] : []),
  ];
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, i) => line === b[i]);
