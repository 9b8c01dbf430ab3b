import { connect } from 'node:net';
import { membersOf, type Member } from './cluster.ts';
import { HOSTS, lab, onHost, running } from './lab.ts';

/** Python, as every instance has it: which of these take a connection. */
const probe = (places: readonly string[]): string => `
import socket
for place in ${JSON.stringify(places)}:
  host, port = place.split(":")
  try: socket.create_connection((host, int(port)), 2).close(); print(place)
  except OSError: pass
`;

const subnet = async (): Promise<string> => /LAB_SUBNET=(\S+)/.exec(await lab('env'))?.[1] ?? '';
const portOf = (name: string, usual: number): string => process.env[`WINDLASS_${name}_PORT`] ?? String(usual);

/** What each member of a database reaches of the control plane, the hosts and the ports that they publish, by the host it is on. */
export async function seenFromInside(id: string): Promise<Record<string, string[]>> {
  const control = `${await subnet()}.1`;
  const published = (await membersOf(id)).map(({ address, port }) => `${address}:${String(port)}`);
  const hosts = published.map((place) => place.replace(/:.*/, ''));
  const places = [
    ...published,
    ...hosts.flatMap((address) => ['22', '2377', '7946'].map((port) => `${address}:${port}`)),
    ...[portOf('HTTP', 26_000), portOf('ETCD', 26_379), portOf('TEMPORAL', 26_233)].map((port) => `${control}:${port}`),
  ];
  const script = `docker exec ${running(id)} python3 -c '${probe(places).replaceAll("'", '"')}'`;
  const seen = await Promise.all(HOSTS.map(async (host) => [host, (await onHost(host, script)).split('\n')] as const));
  return Object.fromEntries(seen);
}

/** All that a member may reach of it. */
export const etcdPlace = async (): Promise<string> => `${await subnet()}.1:${portOf('ETCD', 26_379)}`;

/** At which of its addresses, its own and one more, a host answers this machine on a port. */
export async function answersAt(host: string, { address, port }: Member): Promise<string[]> {
  const other = `${await subnet()}.200`;
  await onHost(host, `ip address add ${other}/24 dev eth0`);
  try {
    const connects = (to: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({ host: to, port, timeout: 3000 }, () => (resolve(true), socket.destroy()));
        for (const event of ['error', 'timeout'] as const) socket.on(event, () => (resolve(false), socket.destroy()));
      });
    const found = await Promise.all([address, other].map(async (to) => ((await connects(to)) ? [to] : [])));
    return found.flat();
  } finally {
    await onHost(host, `ip address del ${other}/24 dev eth0`);
  }
}
