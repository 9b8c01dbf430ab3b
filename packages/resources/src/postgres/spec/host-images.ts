import type { PostgresImage } from '../../platform/clients/docker-port.ts';
import { compareVersions } from './defaults.ts';

/** The images on this host as its record has them: the newest Postgres version first. */
export async function hostImages(docker: { postgresImages(): Promise<readonly PostgresImage[]> }) {
  const found = await docker.postgresImages();
  return [...found].sort((a, b) => compareVersions(b.postgresVersion, a.postgresVersion));
}
