interface Ref {
  readonly kind: string;
  readonly id: string;
}

/** Every key in etcd, relative to `/windlass/`. */
export const keys = {
  /** Which version of what is stored this is. */
  schema: 'schema',
  /** There while somebody brings the store to another version. */
  schemaLock: 'schema-lock',
  cluster: 'cluster',
  /** By the SHA-256 of its secret. */
  joinToken: (hash: string) => `join-tokens/${hash}`,
  members: 'members/',
  member: (role: string, id: string) => `members/${role}/${id}`,
  host: (id: string) => `hosts/${id}`,
  /** There while the worker of the host lives. */
  heartbeat: (host = '') => `heartbeats/${host}`,
  /** Hosts that are being removed. */
  removal: (host = '') => `removals/${host}`,
  database: (id: string) => `databases/${id}`,
  spec: (id: string) => `specs/${id}`,
  task: (scope: string, entity: string, task: string) => `tasks/${scope}/${entity}/${task}`,
  tasks: (scope?: string, entity?: string) =>
    `tasks/${scope === undefined ? '' : `${scope}/`}${entity === undefined ? '' : `${entity}/`}`,
  taskLog: (scope: string, entity: string, task: string) => `task-logs/${scope}/${entity}/${task}/`,
  /** Holds the id of the last task of this type of a node. */
  nodeTask: (database: string, node: string) => `takeovers/${database}/${node}/backups`,
  takeover: (database: string, node: string, type: string) => `takeovers/${database}/${node}/${type}`,
  takeovers: (database: string) => `takeovers/${database}/`,
  plan: (database: string, task: string) => `plans/${database}/${task}`,
  planParts: (database: string, task: string) => `plans/${database}/${task}/`,
  /** What a step of the plan applies. */
  planPart: (database: string, task: string, ref: Ref) => `plans/${database}/${task}/${ref.kind}::${ref.id}`,
  restore: (database: string, task: string) => `restores/${database}/${task}`,
  swaps: (database?: string, node?: string) =>
    `swaps/${database === undefined ? '' : `${database}/`}${node === undefined ? '' : `${node}/`}`,
  swap: (database: string, node: string, task: string) => `swaps/${database}/${node}/${task}`,
  outbox: (task: string) => `outbox/${task}`,
  resources: (database: string) => `resources/${database}/`,
  resource: (database: string, ref: Ref) => `resources/${database}/${ref.kind}::${ref.id}`,
  instanceStatuses: (database: string) => `instance-status/${database}/`,
  instanceStatus: (database: string, instance: string) => `instance-status/${database}/${instance}`,
  ports: (host: string) => `ports/${host}/`,
  port: (host: string, port: number) => `ports/${host}/${String(port)}`,
  secret: (name: string) => `secrets/${name}`,
  idempotency: (key: string) => `idempotency/${key}`,
  leftovers: (host?: string, database?: string) => `leftovers/${host === undefined ? '' : `${host}/`}${database ?? ''}`,
  schedule: (database: string, node: string, id: string) =>
    `backup-schedules/${database}/${node}/${encodeURIComponent(id)}`,
  schedules: (database: string) => `backup-schedules/${database}/`,
  keptBackups: (database: string) => `kept-backups/${database}`,
  backups: (database: string, node: string) => `backup-catalogues/${database}/${node}`,
  backupChecks: (database: string, node: string) => `backup-checks/${database}/${node}/`,
  backupCheck: (database: string, node: string, repository: number, label: string) =>
    `backup-checks/${database}/${node}/${String(repository)}/${label}`,
  proposal: (id: string) => `proposals/${id}`,
} as const;

/** The credentials of the repository a task restores from, while it does. */
export const restoreSecretName = (database: string, task: string): string => `database/${database}/restores/${task}`;
