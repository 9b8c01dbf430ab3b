import { get } from './client.ts';
import { HOST } from './stack.ts';

interface Hosts {
  readonly hosts: readonly {
    readonly id: string;
    readonly supported_pgedge_versions: readonly { readonly postgres_version: string }[];
  }[];
}
/** The exact version of a major that the host of the stack has an image of; empty when it has none. */
export async function versionOf(major: number): Promise<string> {
  const { hosts } = await get<Hosts>('/v1/hosts');
  const versions = hosts.find(({ id }) => id === HOST)?.supported_pgedge_versions ?? [];
  return versions.find((one) => one.postgres_version.startsWith(`${String(major)}.`))?.postgres_version ?? '';
}
