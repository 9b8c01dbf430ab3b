import { get } from './client.ts';
import { HOST } from './stack.ts';

interface Host {
  readonly id: string;
  readonly supported_pgedge_versions: readonly { readonly postgres_version: string }[];
}

/** The exact version of a major that the host of the stack has an image of. */
export async function versionOf(major: number): Promise<string> {
  const { hosts } = await get<{ hosts: Host[] }>('/v1/hosts');
  const versions = hosts.find(({ id }) => id === HOST)?.supported_pgedge_versions ?? [];
  const found = versions.find(({ postgres_version: version }) => version.startsWith(`${String(major)}.`));
  if (!found) throw new Error(`no image of Postgres ${String(major)}`);
  return found.postgres_version;
}
