import { bash } from './stack.ts';

interface Container {
  readonly Id: string;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly NanoCpus: number;
    readonly Memory: number;
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly PidsLimit: number;
  };
  readonly Mounts: readonly { readonly Source: string; readonly Destination: string }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}
interface Service {
  readonly Spec: {
    readonly Labels: Readonly<Record<string, string>>;
    readonly EndpointSpec: { readonly Ports?: readonly { readonly PublishedPort: number }[] };
    readonly TaskTemplate: {
      readonly Networks: readonly { readonly Aliases?: string[]; readonly DriverOpts?: Record<string, string> }[];
    };
  };
}

const only = (json: string): unknown => (JSON.parse(json) as unknown[])[0];
const idOf = (database: string): string => `$(docker ps -q --filter label=windlass.database=${database})`;

/** The one running container of a database, as Docker sees it. */
export const container = async (database: string): Promise<Container> =>
  only(await bash(`docker inspect ${idOf(database)}`)) as Container;

/** The one Swarm service of a database. */
export const service = async (database: string): Promise<Service> =>
  only(
    await bash(`docker service inspect $(docker service ls -q --filter label=windlass.database=${database})`),
  ) as Service;

/** Runs a command in the container, as the operating system's user `postgres`. */
export const inside = (database: string, command: string): Promise<string> =>
  bash(`docker exec ${idOf(database)} ${command}`);

/** One value, asked of Postgres by its superuser on the socket. Unlike the role's own search path, this one finds tables of people. */
export const asSuperuser = async (database: string, text: string, name = 'shop'): Promise<string> =>
  (
    await inside(database, `env PGOPTIONS=-csearch_path=public psql -h /tmp -U windlass -d ${name} -Atqc "${text}"`)
  ).trim();
