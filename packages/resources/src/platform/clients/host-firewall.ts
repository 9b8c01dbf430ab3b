import { execFile } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { DomainError } from '../../errors/index.ts';

const run = promisify(execFile);

/** An address and a port of TCP. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface Wall {
  /** The bridge of the containers. */
  readonly device: string;
  /** What containers reach on this machine and on `ours`: etcd, and what an operator allows. */
  readonly open: readonly Place[];
  /** Addresses of other machines of the cluster. */
  readonly ours: readonly string[];
}

/** Seconds to wait while somebody else changes the rules. */
const PATIENCE_S = '5';
/** What the rules begin at, and the chain of ours that is called there. */
const HOOKS = [
  { from: 'INPUT', chain: (device: string) => `${device}-HOST` },
  { from: 'DOCKER-USER', chain: (device: string) => `${device}-PEERS` },
] as const;

/**
 * The rules of both chains, as `iptables-restore --noflush` takes them: all at once, in the place of those that were. What is let
 * pass goes on to the rules of the machine itself.
 */
export function rulesOf({ device, open, ours }: Wall): string {
  const [host, peers] = HOOKS.map(({ chain }) => chain(device));
  const pass = open.filter(({ address }) => isIPv4(address));
  const lines = (chain = '', refuse: readonly string[]): string[] => [
    `-A ${chain} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`,
    ...pass.map(({ address, port }) => `-A ${chain} -d ${address} -p tcp -m tcp --dport ${String(port)} -j RETURN`),
    ...refuse.map((match) => `-A ${chain} ${match}-j REJECT`),
  ];
  const dns = ['udp', 'tcp'].map((protocol) => `-A ${host ?? ''} -p ${protocol} --dport 53 -j RETURN`);
  return [
    '*filter',
    ...[host, peers].map((chain) => `:${chain ?? ''} - [0:0]`),
    ...dns,
    ...lines(host, ['']),
    ...lines(
      peers,
      ours.filter((address) => isIPv4(address)).map((address) => `-d ${address} `),
    ),
    'COMMIT',
    '',
  ].join('\n');
}

/** Brings the rules about. Rejects `server_error` where this process may not, or the machine has no iptables. */
export async function buildWall(wall: Wall): Promise<void> {
  try {
    await restore(rulesOf(wall));
    for (const { from, chain } of HOOKS) {
      const jump = [from, '-i', wall.device, '-j', chain(wall.device)];
      await iptables('-C', ...jump).catch(() => iptables('-I', ...jump));
    }
  } catch (err) {
    const { stderr, message } = err as { stderr?: string; message: string };
    throw new DomainError('server_error', `the packet filter cannot be set: ${(stderr || message).trim()}`, {
      cause: err,
    });
  }
}

const iptables = (...args: string[]): Promise<unknown> => run('iptables', ['-w', PATIENCE_S, ...args]);

function restore(rules: string): Promise<unknown> {
  const running = run('iptables-restore', ['-w', PATIENCE_S, '--noflush']);
  running.child.stdin?.end(rules);
  return running;
}
