import { HOSTS, lab, onHost } from './lab.ts';

/** What a host can still have of a database: each line that is printed is one thing. */
const onDisk = (id: string): string => `
  docker ps -aq --filter label=windlass.database=${id} | sed 's/^/container /'
  docker service ls -q --filter label=windlass.database=${id} | sed 's/^/service /'
  docker network ls --format '{{.Name}}' --filter label=windlass.database=${id} | sed 's/^/network /'
  docker volume ls -q --filter label=windlass.database=${id} | sed 's/^/volume /'
  ls /var/lib/windlass/instances | grep '^${id}-' | sed 's/^/folder /'
  true`;

/** Tasks and their logs outlive a database; nothing else does. */
const KEPT = /^\/windlass\/(tasks|task-logs)\//;

/** Everything that is left of a deleted database, in words: on every host and in etcd. */
export async function leftBehind(id: string): Promise<string[]> {
  const perHost = await Promise.all(
    HOSTS.map(async (host) => (await onHost(host, onDisk(id))).split('\n').map((line) => line && `${host}: ${line}`)),
  );
  const inEtcd = (
    await Promise.all([
      lab('etcdctl', 'get', '--prefix', '', '--keys-only'),
      lab('etcdctl', 'user', 'list'),
      lab('etcdctl', 'role', 'list'),
    ])
  ).flatMap((out) => out.split('\n'));
  const own = new RegExp(`(^|[/:-])${id}([/:-]|$)`);
  return [...perHost.flat(), ...inEtcd.filter((key) => own.test(key) && !KEPT.test(key))].filter((line) => line !== '');
}
