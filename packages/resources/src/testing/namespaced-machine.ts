import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { runOnHost, type RunProgram } from '../platform/clients/run-on-host.ts';

/** A machine of its own with a bridge `docker0` and containers on it, as network namespaces: nothing of this machine is changed. */
export interface NamespacedMachine {
  /** Runs a program on it, as a worker does on its host. */
  readonly run: RunProgram;
  /** Runs a line of the shell on the machine. */
  sh(line: string): Promise<string>;
  /** One more on the bridge, at `172.17.0.<n>`, with that MAC address; it listens on port 5432. */
  addContainer(n: number): Promise<{ readonly address: string; readonly mac: string }>;
  /** A machine beside it, that reaches it at these addresses; it has `192.0.2.<n>`. */
  addOutside(n: number, addresses: readonly string[]): Promise<void>;
  /** Whether a container (the machine itself: 1) gets a connection there. */
  reaches(n: number, address: string, port: number): Promise<boolean>;
  /** Listens on all addresses of the machine, or of a container. */
  listen(n: number, port: number): Promise<void>;
  close(): void;
}

export async function openNamespacedMachine(): Promise<NamespacedMachine> {
  const places = new Map<number, ChildProcess>();
  const started: ChildProcess[] = [];
  const place = async (n: number): Promise<ChildProcess> => {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo up; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
    started.push(holder);
    if (holder.stdout) await once(holder.stdout, 'data');
    places.set(n, holder);
    return holder;
  };
  const enter = (n: number): string[] => ['-t', String(places.get(n)?.pid), '-n'];
  const inside = (n: number, line: string): Promise<string> => runOnHost('nsenter', [...enter(n), 'bash', '-c', line]);
  const listen = async (n: number, port: number): Promise<void> => {
    const program = `require('net').createServer((s) => s.end()).listen(${String(port)}, '0.0.0.0', () => console.log('up'))`;
    const server = spawn('nsenter', [...enter(n), process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
    started.push(server);
    await once(server.stdout, 'data');
  };
  await place(1);
  await inside(1, `ip link set lo up; ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up
    iptables -P FORWARD ACCEPT; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER`); // prettier-ignore
  return {
    run: (program, args, input) => runOnHost('nsenter', [...enter(1), program, ...args], input),
    sh: (line) => inside(1, line),
    listen,
    addContainer: async (n) => {
      const [address, mac] = [`172.17.0.${String(n)}`, `02:42:ac:11:00:${n.toString(16).padStart(2, '0')}`];
      const { pid } = await place(n);
      const port = `veth${String(n)}`;
      await inside(1, `ip link add ${port} type veth peer name eth0 address ${mac} netns ${String(pid)} && ip link set ${port} master docker0 up`); // prettier-ignore
      await inside(n, `ip link set lo up; ip address add ${address}/16 dev eth0; ip link set eth0 up; ip route add default via 172.17.0.1`); // prettier-ignore
      await listen(n, 5432);
      return { address, mac };
    },
    addOutside: async (n, addresses) => {
      const { pid } = await place(n);
      const own = addresses.map((address) => `ip address add ${address}/24 dev out${String(n)}`).join('; ');
      await inside(1, `ip link add out${String(n)} type veth peer name eth0 netns ${String(pid)}; ${own}; ip link set out${String(n)} up; sysctl -qw net.ipv4.ip_forward=1`); // prettier-ignore
      await inside(n, `ip address add 192.0.2.${String(n)}/24 dev eth0; ip link set eth0 up`);
    },
    reaches: (n, address, port) =>
      inside(n, `timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${String(port)}'`).then(
        () => true,
        () => false,
      ),
    close: () => {
      for (const child of started) child.kill('SIGKILL');
    },
  };
}
