import { sh } from '../stack.ts';
import { HOSTS, lab, onHost } from './lab.ts';

/** Where a password could have got to on a host; the two parts and the file keep the one looked for out of all arguments. */
const onDisk = (password: string): string => `
  printf '%s%s\\n' '${password.slice(0, 3)}' '${password.slice(3)}' >/tmp/pattern
  look() { grep -a -c -F -f /tmp/pattern >/tmp/hits; [ "$(cat /tmp/hits)" = 0 ] || echo "$1"; }
  cat /windlass/log/* | look 'logs of engine and worker'
  for c in $(docker ps -aq); do docker logs $c 2>&1; done | look 'logs of Postgres and Patroni'
  { docker inspect $(docker ps -aq) $(docker service ls -q) $(docker network ls -q); true; } 2>/dev/null | look 'docker inspect'
  for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do [ $f = /proc/$$/cmdline ] || cat $f; done 2>/dev/null | look processes
  grep -ra . /var/lib/windlass 2>/dev/null | look 'files of the instances'
  true`;

/** Places where a password stands in clear: on the hosts, in etcd, in Temporal, in the logs of the control plane. */
export async function secretsInClear(password: string): Promise<string[]> {
  const home = /WINDLASS_LAB_HOME=(\S+)/.exec(await lab('env'))?.[1] ?? '';
  const perHost = await Promise.all(
    HOSTS.map(async (host) => (await onHost(host, onDisk(password))).split('\n').map((at) => at && `${host}: ${at}`)),
  );
  const control = await sh(
    'bash',
    '-c',
    `grep -raclF -- '${password}' ${home}/etcd ${home}/temporal ${home}/log || true`,
  );
  return [...perHost.flat(), ...control.split('\n')].filter((line) => line !== '');
}
