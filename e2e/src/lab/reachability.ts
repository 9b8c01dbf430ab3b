import { membersOf } from './cluster.ts';
import { HOSTS, onHost, running } from './lab.ts';

/** Python, as every Patroni has it: where each name leads, and whether Patroni's port answers there. */
const probe = (names: readonly string[]): string => `
import socket
for name in ${JSON.stringify(names)}:
  try: addresses = sorted({a[4][0] for a in socket.getaddrinfo(name, 8008, socket.AF_INET)})
  except OSError as e: addresses = []; print(name, e)
  for address in addresses:
    try: socket.create_connection((address, 8008), 2).close(); print(name, address, 'ok')
    except OSError as e: print(name, address, e)
`;

/** For whoever looks into a failure: what each member sees of the others, over the network of the database. */
export async function reachability(id: string): Promise<string> {
  const names = (await membersOf(id).catch(() => [])).map((m) => `postgres-${m.id}`);
  const script = `timeout 30 docker exec ${running(id)} python3 -c '${probe(names).replaceAll("'", '"')}'`;
  const seen = await Promise.all(
    HOSTS.map(
      async (host) => `${host} sees\n${await onHost(host, script).catch((err: unknown) => (err as Error).message)}`,
    ),
  );
  return seen.join('\n');
}
