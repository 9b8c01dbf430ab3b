import type { DatabaseSpec } from './database.ts';
import { compareVersions } from './defaults.ts';
import { effectiveNode } from './effective.ts';

export interface KnownImage {
  /** `17.6` */
  readonly postgresVersion: string;
  readonly id: string;
  /** Its names. */
  readonly references?: readonly string[];
}

/** The images of a host of the database. */
export interface HostImages {
  readonly id: string;
  readonly images: readonly KnownImage[];
}

export type Upgrade = { readonly spec: DatabaseSpec } | { readonly refused: string };

/** Whether an image has this name or id. */
export const isImage = ({ id, references = [] }: KnownImage, wanted: string): boolean =>
  id === wanted || references.includes(wanted);

/**
 * The spec with the version of another image; `runs` are the ids of the images that run now. Refused: another major
 * version, an older one, the image that runs already.
 */
export function upgradeSpec(
  spec: DatabaseSpec,
  image: string,
  hosts: readonly HostImages[],
  runs: readonly string[],
): Upgrade {
  const found = versionEverywhere(image, hosts);
  if ('refused' in found) return found;
  const { version } = found;
  const versions = spec.nodes.map((node) => effectiveNode(spec, node.name).postgresVersion ?? '');
  const major = versions.find((current) => majorOf(current) !== majorOf(version));
  if (major !== undefined)
    return { refused: `target postgres major ${majorOf(version)} differs from current ${majorOf(major)}` };
  const ids = hosts.flatMap((host) => host.images.filter((one) => isImage(one, image)).map((one) => one.id));
  const changesImage = runs.some((id) => !ids.includes(id));
  const least = changesImage ? 0 : 1;
  const newer = versions.find((current) => Math.sign(compareVersions(version, current)) < least);
  if (newer !== undefined) return { refused: `target version ${version} is not newer than current ${newer}` };
  return { spec: withImage(spec, version, image) };
}

const majorOf = (version: string): string => version.split('.')[0] ?? '';

function versionEverywhere(image: string, hosts: readonly HostImages[]): { version: string } | { refused: string } {
  const found = hosts.map((host) => host.images.find((one) => isImage(one, image))?.postgresVersion);
  const version = found.find((one) => one !== undefined);
  if (version === undefined) return { refused: `image not found in manifest: ${image}` };
  const without = hosts.find((_host, i) => found[i] === undefined);
  if (without) return { refused: `host ${without.id} has no image ${image}` };
  const other = found.find((one) => one !== version);
  if (other === undefined) return { version };
  return { refused: `image ${image} has version ${version} on one host and ${other} on another` };
}

/** Wherever the spec names a version or an image, it names the new one. */
function withImage(spec: DatabaseSpec, version: string, image: string): DatabaseSpec {
  return {
    ...renamed(spec, image),
    postgres_version: version,
    nodes: spec.nodes.map((node) => ({
      ...renamed(node, image),
      ...(node.postgres_version !== undefined && { postgres_version: version }),
    })),
  };
}

function renamed<T extends Pick<DatabaseSpec, 'orchestrator_opts'>>(part: T, image: string): T {
  const { swarm } = part.orchestrator_opts ?? {};
  if (!swarm?.image) return part;
  return { ...part, orchestrator_opts: { ...part.orchestrator_opts, swarm: { ...swarm, image } } };
}

/** Newer images of the same major version that every host of the database has, by name, the newest first. */
export function availableUpgrades(
  spec: DatabaseSpec,
  hosts: readonly HostImages[],
): { readonly version: string; readonly image: string }[] {
  const names = (hosts[0]?.images ?? []).flatMap(({ references = [] }) => references);
  return names.flatMap((image) => {
    const found = upgradeSpec(spec, image, hosts, []);
    return 'refused' in found ? [] : [{ version: found.spec.postgres_version ?? '', image }];
  });
}
