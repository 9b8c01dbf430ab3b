export interface NetworkFacts {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface ServiceFacts {
  readonly id: string;
  readonly version: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
}
export interface ContainerFacts {
  readonly id: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly startedAt: string;
  /** Address on Docker's node-local bridge, reachable from the host; empty while not running. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The Swarm service it was made for; absent for one that was made for none. */
  readonly serviceId?: string | undefined;
}
/** What Docker tells of containers without looking at each. */
export type ContainerSummary = Omit<ContainerFacts, 'startedAt' | 'serviceId'>;
/** Docker's own bridge of this engine, and who is on it for certain: not whoever comes or goes right now. */
export interface BridgeFacts {
  /** Name of the network device. */
  readonly device: string;
  /** Containers on it have addresses of IPv6, too. */
  readonly ipv6: boolean;
  readonly containers: readonly BridgedContainer[];
}
export interface BridgedContainer {
  readonly id: string;
  readonly address: string;
  readonly mac: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Directories of the host that it mounts. */
  readonly mounts: readonly string[];
}
export interface PostgresImage {
  readonly id: string;
  /** `17.6` */
  readonly postgresVersion: string;
  /** Its names, such as `windlass/postgres:17`; a rebuilt image has none. */
  readonly references: readonly string[];
  /** Its containers wait with the start of Postgres while they are told to. */
  readonly holds?: true;
  /** Its containers run without capabilities, on a root that cannot be written to. */
  readonly hardens?: true;
}
/** An image of our own program that is no Postgres. */
export interface ProgramImage {
  readonly id: string;
  /** Stands for what is in it. */
  readonly hash: string;
  /** As of an image of Postgres. */
  readonly hardens?: true;
}
export interface ContainerDeath {
  readonly containerId: string;
  /** Attributes of Docker's event: labels of the container, `exitCode`, `name`. */
  readonly attributes: Readonly<Record<string, string>>;
}
export interface ServiceRequest {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containerLabels: Readonly<Record<string, string>>;
  /** Image id (`sha256:…`) or reference; an id is never looked up in a registry. */
  readonly image: string;
  readonly command?: readonly string[];
  /** Variables of its environment, besides those of the image. No secrets: whoever may look at the service reads them. */
  readonly env?: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly swarmNodeId: string;
  readonly networks: readonly {
    readonly target: string;
    readonly aliases?: readonly string[];
    readonly driverOpts?: Readonly<Record<string, string>>;
  }[];
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly publish: readonly { readonly published: number; readonly target: number }[];
  readonly nanoCpus?: number;
  readonly memoryBytes?: number;
  readonly stopGraceSeconds: number;
  /** How long Swarm waits before it starts another container in the place of one that ended, in ms; absent: 1 s. */
  readonly restartDelayMs?: number;
  /** Nothing of its file system can be written but what is mounted so. */
  readonly readOnly?: true;
  /** Directories in memory, with the rights that they have in the image; nothing in them can be executed. */
  readonly tmpfs?: readonly { readonly target: string; readonly bytes: number }[];
  /** No process of it has a capability or can gain one. */
  readonly dropCapabilities?: true;
  /** Most processes and threads at once. */
  readonly pidsLimit?: number;
  readonly replicas: number;
}
export interface ExecRequest {
  readonly command: readonly string[];
  /** Variables of its environment besides those of the container. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborted: the command gets SIGTERM, and its end is waited for. */
  readonly signal: AbortSignal;
  /** The longest it may take, two minutes where nothing is said; `Infinity` for what only the signal ends. */
  readonly limitMs?: number;
  /** Called with what the command writes to its standard output, as it comes. */
  onOutput?(text: string): void;
}
/** One command in a container of its own, as the user of the image. */
export interface RunRequest extends Pick<ServiceRequest, 'image' | 'labels' | 'mounts'> {
  readonly name: string;
  readonly command: readonly string[];
  /** Names or ids; none: no network. */
  readonly networks: readonly string[];
  /** The container is left for the next command of the same name, image, labels, mounts and networks. */
  readonly keep?: true;
  /** Aborted: the container is removed. */
  readonly signal: AbortSignal;
  /** Called with what the command writes to its standard output, as it comes. */
  onOutput?(text: string): void;
}
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface LogQuery {
  /** Written at this time or later, RFC 3339 in UTC. */
  readonly since?: string;
  /** Only what comes after this time of a line. */
  readonly after?: string;
  /** So many lines, the newest. */
  readonly most: number;
}
export interface LogLine {
  /** RFC 3339 in UTC with nine digits of a second. */
  readonly at: string;
  readonly text: string;
}
export interface EngineFacts {
  readonly containers: {
    readonly all: number;
    readonly running: number;
    readonly stopped: number;
    readonly paused: number;
  };
  readonly swarm: {
    /** Docker's word: `active`, `inactive`, `pending`, `error`, `locked`. */
    readonly state: string;
    /** Whether this engine is a manager that can be reached. */
    readonly controlAvailable: boolean;
    readonly error: string;
  };
}
/** Label of images of the replicator; its value stands for what is in it. */
export const REPLICATOR_HASH = 'windlass.replicator.hash';
/** Label of images, and so of their containers, that wait with the start of Postgres while they are told to. */
export const HOLDS = 'windlass.holds';
/**
 * Label of images whose containers need no capability, no setuid program, and no place to write to but what is mounted. Containers of
 * others are made as they always were, so that no running one is replaced for its sake.
 */
export const HARDENS = 'windlass.hardens';
/** Docker by intent, not by endpoint. Absent things are `undefined`; failures are `DomainError`s. */
export interface DockerPort {
  /** A network of that name in the swarm or on this engine; what a node keeps of a removed one does not count. */
  network(name: string): Promise<NetworkFacts | undefined>;
  /** Why a service cannot join a network, given by name or id; `undefined` when it can. */
  networkRefusal(target: string): Promise<string | undefined>;
  /** Overlay, attachable, subnet from the swarm's own pool. Waits while a removed network still holds the name. */
  createNetwork(name: string, labels: Record<string, string>, signal: AbortSignal): Promise<NetworkFacts>;
  /** Resolves once a network has a subnet. Rejects `service_rejected` when it gets none: the swarm's address pool is used up. */
  awaitSubnet(id: string, signal: AbortSignal): Promise<void>;
  removeNetwork(id: string, signal: AbortSignal): Promise<void>;
  bridge(): Promise<BridgeFacts>;
  /** Calls back when a container gets an address on Docker's own bridge, before its program starts. Returns how to stop listening. */
  onBridged(listener: () => void): () => void;
  service(name: string): Promise<ServiceFacts | undefined>;
  createService(request: ServiceRequest): Promise<string>;
  /** Replaces the whole spec; re-reads and repeats on Docker's stale-version answer. */
  updateService(name: string, request: ServiceRequest): Promise<void>;
  /** Removes the service, kills its containers (its data goes, too) and waits, by events, until they are gone. */
  removeService(name: string, signal: AbortSignal): Promise<void>;
  /** The newest container of a service on this engine, running or not. */
  serviceContainer(name: string): Promise<ContainerFacts | undefined>;
  /** The newest container of every service on this engine, by the service's name; one question for all of them. */
  serviceContainers(): Promise<ReadonlyMap<string, ContainerSummary>>;
  /** Resolves once a container of the service runs; rejects `service_rejected` with Docker's reason when its task fails for good. */
  waitForRunning(name: string, signal: AbortSignal): Promise<ContainerFacts>;
  /** Takes a node out of the swarm, a manager after it was demoted. Absence is success. */
  removeNode(nodeId: string, signal: AbortSignal): Promise<void>;
  engine(): Promise<EngineFacts>;
  /** How others join as managers, and where; `undefined` on an engine that is no manager itself. */
  swarmEntrance(): Promise<{ readonly joinToken: string; readonly addresses: readonly string[] } | undefined>;
  /** Image id and version label of a local image, by reference or id. */
  image(reference: string): Promise<{ readonly id: string; readonly postgresVersion?: string } | undefined>;
  /** Local images labelled `windlass.postgres.version`; of a version the one a new instance gets comes first. */
  postgresImages(): Promise<readonly PostgresImage[]>;
  /** Local images of the replicator; the one that new containers get comes first. */
  replicatorImages(): Promise<readonly ProgramImage[]>;
  kill(containerId: string, signalName: string): Promise<void>;
  /** Runs a command in a running container, as the user of its image. */
  exec(containerId: string, request: ExecRequest): Promise<ExecResult>;
  /** Runs a command in a container of its own, which is removed when it ends, or kept for the next one. */
  run(request: RunRequest): Promise<ExecResult>;
  /** Calls back as soon as Docker tells that a container ended. Returns how to stop listening. */
  onContainerDied(listener: (death: ContainerDeath) => void): () => void;
  /** Kills the container if it runs and removes it at once; absence is success. */
  removeContainer(containerId: string): Promise<void>;
  /** The last lines that a container wrote to its log since then, at most 500. */
  log(containerId: string, since: Date): Promise<string>;
  /** Lines of its log with their times, the newest that fit; none when it is gone. */
  logLines(containerId: string, query: LogQuery): Promise<LogLine[]>;
}
