import { get } from './client.ts';
import { bash, HOST, until } from './stack.ts';

interface Host {
  readonly id: string;
  readonly supported_pgedge_versions: readonly { readonly postgres_version: string }[];
}

const hostsNow = async (): Promise<readonly Host[]> => (await get<{ hosts: Host[] }>('/v1/hosts')).hosts;
const versionsOf = (host: Host | undefined): readonly string[] =>
  host?.supported_pgedge_versions.map((v) => v.postgres_version) ?? [];

/** The exact version of a major that the host of the stack has an image of. */
export async function versionOf(major: number): Promise<string> {
  const all = versionsOf((await hostsNow()).find(({ id }) => id === HOST));
  const found = all.find((version) => version.startsWith(`${String(major)}.`));
  if (found === undefined) throw new Error(`no image of Postgres ${String(major)}`);
  return found;
}

/** Waits until so many hosts, or all there are, tell an image of this version. */
export const untilHostsHave = (version: string, count?: number): Promise<unknown> =>
  until(`the hosts to tell the image of ${version}`, async () => {
    const hosts = await hostsNow();
    return hosts.filter((host) => versionsOf(host).includes(version)).length === (count ?? hosts.length);
  });

export const PRESENT = 'windlass/postgres:17';
export const OLDER = '17.1';
const OLDER_IMAGE = 'windlass-e2e/postgres:older';

/** An image of the same major version that says it is older, so that there is something to upgrade. */
export async function makeOlderImage(): Promise<void> {
  const dockerfile = `FROM ${PRESENT}\\nLABEL windlass.postgres.version=${OLDER}\\n`;
  await bash(`printf '${dockerfile}' | DOCKER_BUILDKIT=0 docker build -q -t ${OLDER_IMAGE} -`);
  await untilHostsHave(OLDER);
}

export const removeOlderImage = (): Promise<unknown> =>
  bash(`timeout 60 docker image rm ${OLDER_IMAGE}`).catch(() => undefined);
