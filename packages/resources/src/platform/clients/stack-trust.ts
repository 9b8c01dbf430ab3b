/** A certificate with its key: `<file>.crt`, `<file>.key`. */
export interface Leaf {
  readonly file: string;
  readonly ca: 'cluster' | 'temporal';
  /** Empty: etcd would take the common name of its own certificate for a user. */
  readonly commonName: string;
  readonly names: readonly string[];
  /** Add the addresses at which databases reach etcd. */
  readonly ofEtcd?: boolean;
}

/** What one service may see. */
export interface Folder {
  readonly name: string;
  /** Owner, user and group alike. */
  readonly uid: number;
  readonly leaves: readonly Leaf[];
  readonly masterKey?: boolean;
  readonly clusterCaKey?: boolean;
}

/** The user `windlass` of the images etcd, temporal, temporal-ui and app. */
const WINDLASS = 5433;
/** The user `postgres` of the Postgres images. */
const POSTGRES = 5432;
const ROOT = 0;

/** In etcd the common name is the user. */
const etcdRoot: Leaf = { file: 'root', ca: 'cluster', commonName: 'root', names: [] };
const temporalClient = (commonName: string): Leaf => ({ file: 'temporal', ca: 'temporal', commonName, names: [] });

/**
 * Two authorities, because a certificate that every database has for etcd must not open Temporal. In Temporal's
 * Postgres the common name is the role. A CA's key have only the worker, which makes the databases' certificates, and the
 * server, which makes those of hosts that join.
 */
export const STACK_TRUST: readonly Folder[] = [
  {
    name: 'etcd',
    uid: WINDLASS,
    leaves: [{ file: 'server', ca: 'cluster', commonName: '', names: ['localhost', '127.0.0.1'], ofEtcd: true }],
  },
  { name: 'etcd-root', uid: WINDLASS, leaves: [etcdRoot] },
  {
    name: 'temporal-db',
    uid: POSTGRES,
    leaves: [{ file: 'server', ca: 'temporal', commonName: 'temporal-db', names: ['temporal-db'] }],
  },
  {
    name: 'temporal',
    uid: WINDLASS,
    leaves: [
      { file: 'server', ca: 'temporal', commonName: 'temporal-server', names: ['temporal', 'localhost', '127.0.0.1'] },
      { file: 'db', ca: 'temporal', commonName: 'temporal', names: [] },
    ],
  },
  { name: 'temporal-ui', uid: WINDLASS, leaves: [temporalClient('temporal-ui')] },
  {
    name: 'server',
    uid: WINDLASS,
    masterKey: true,
    clusterCaKey: true,
    leaves: [etcdRoot, temporalClient('windlass-server')],
  },
  {
    name: 'worker',
    uid: ROOT,
    masterKey: true,
    clusterCaKey: true,
    leaves: [etcdRoot, temporalClient('windlass-worker')],
  },
];
