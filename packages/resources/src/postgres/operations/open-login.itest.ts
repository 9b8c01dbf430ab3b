import { execFile } from 'node:child_process';
import { connect as connectTls } from 'node:tls';
import { connect } from 'node:net';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { InstanceStatus } from '../records/index.ts';
import { plainSpec, RealDatabase } from '../../testing/real-database.ts';
import { silentLog } from '../../testing/silent-log.ts';
import { EndedLogins } from '../watchers/ended-logins.ts';
import { openLogin, type LoginAccess, type OpenedLogin } from './open-login.ts';

const run = promisify(execFile);
const NAME = 'windlass_login_aaaaaaaaaaaa';

describe.each(['15.6', '18.6'])('logins of people, Postgres %s', (version) => {
  let db: RealDatabase;
  let address: string;
  beforeAll(async () => {
    db = await RealDatabase.create(`lg-${version.slice(0, 2)}`, {
      ...plainSpec,
      postgres_version: version,
      database_users: [
        ...(plainSpec.database_users ?? []),
        { username: 'Other "one"', attributes: ['LOGIN'] },
        { username: 'dba', attributes: ['SUPERUSER'] },
        { username: 'deputy', roles: ['dba'] },
        { username: 'runner', roles: ['pg_execute_server_program'] },
        { username: 'maker', attributes: ['CREATEROLE'] },
      ],
    });
    address = await db.address();
    await db.sql('REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO app');
    await db.sql('CREATE TABLE public.orders (id int); GRANT ALL ON public.orders TO app', 'shop');
  });
  afterAll(() => db.remove());
  afterEach(() => remove());

  const open = (wish: LoginAccess, seconds = 60, name = NAME): Promise<OpenedLogin> =>
    openLogin(
      db.stack.clients,
      { scope: `${db.id}:n1`, nodeName: 'n1', databaseName: 'shop', opensLater: false },
      { ...wish, name, seconds },
      AbortSignal.timeout(10_000),
    );
  async function logIn({ name: user, password }: OpenedLogin): Promise<pg.Client> {
    const client = new pg.Client({
      ...{ host: address, database: 'shop', user, password },
      ssl: { rejectUnauthorized: false },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  /** Looks as the host does, at the time when all that are there have ended. */
  async function remove(): Promise<void> {
    await db.sql(`UPDATE pg_authid SET rolvaliduntil = now() - interval '1 s' WHERE rolname ~ '^windlass_login'`);
    await look();
  }
  const look = () =>
    new EndedLogins(db.stack.clients, silentLog).note({
      instanceId: `${db.id}-n1-${instanceSuffix}`,
      databaseId: db.id,
      writable: true,
    } as InstanceStatus);
  let instanceSuffix = '';
  beforeAll(async () => {
    const leader = (await db.stack.clients.dcs.leader(`${db.id}:n1`)) ?? '';
    instanceSuffix = leader.slice(`${db.id}-n1-`.length);
  });
  const rolesLeft = () => db.sql(`SELECT rolname FROM pg_roles WHERE rolname ~ '^windlass_login'`);
  const ask = async (client: pg.Client, text: string): Promise<unknown> =>
    Object.values((await client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];

  it('works as the user it is for, makes things for him, and has no right of its own', async () => {
    const client = await logIn(await open({ access: 'user', user: 'app' }));
    expect(await ask(client, 'SELECT current_user')).toBe('app');
    await client.query('CREATE TABLE mine (id int); INSERT INTO orders VALUES (1)');
    expect(await ask(client, `SELECT tableowner FROM pg_tables WHERE tablename = 'mine'`)).toBe('app');
    await client.query('SET ROLE NONE');
    await expect(client.query('SELECT * FROM mine')).rejects.toThrow(/permission denied/);
    await client.end();
    await db.sql('DROP TABLE public.mine', 'shop');
  });

  it('one that reads sees every table and changes none', async () => {
    const client = await logIn(await open({ access: 'read' }));
    expect(await ask(client, 'SELECT count(*) >= 0 FROM orders')).toBe(true);
    await expect(client.query('CREATE TABLE more (id int)')).rejects.toThrow(/read-only transaction/);
    await client.query('SET default_transaction_read_only = off');
    await expect(client.query('INSERT INTO orders VALUES (2)')).rejects.toThrow(/permission denied/);
    await client.end();
  });

  it.each(['dba', 'deputy', 'runner', ...(version < '16' ? ['maker'] : [])])(
    'nobody becomes a superuser as %s without having asked for that',
    async (user) => {
      await expect(open({ access: 'user', user })).rejects.toThrow(/is a superuser, or can become one/);
      expect(await rolesLeft()).toEqual([]);
    },
  );

  it('a superuser by wish; a name that needs quotes; a user that is not there; an attempt that is repeated', async () => {
    const client = await logIn(await open({ access: 'superuser' }));
    expect(await ask(client, 'SHOW is_superuser')).toBe('on');
    await client.end();
    await remove();
    await open({ access: 'user', user: 'Other "one"' });
    const again = await logIn(await open({ access: 'user', user: 'Other "one"' }));
    expect(await ask(again, 'SELECT current_user')).toBe('Other "one"');
    await again.end();
    await expect(open({ access: 'user', user: 'nobody' })).rejects.toThrow("user 'nobody' is not on node 'n1'");
  });

  it('ends: no new session after its time, the open one is ended, the role and what it held are gone; others stay', async () => {
    await db.sql(`CREATE ROLE windlass_login_theirs VALID UNTIL '2020-01-01'`);
    const login = await open({ access: 'user', user: 'app' }, 5);
    await open({ access: 'read' }, 3600, `${NAME}b`);
    const client = await logIn(login);
    await db.sql('GRANT CREATE ON SCHEMA public TO PUBLIC', 'shop');
    await client.query('SET ROLE NONE; CREATE TABLE own (id int)');
    await db.sql('REVOKE CREATE ON SCHEMA public FROM PUBLIC', 'shop');
    await look();
    expect(await rolesLeft()).toHaveLength(3);
    await db.sql(`UPDATE pg_authid SET rolvaliduntil = now() - interval '1 s' WHERE rolname = '${NAME}'`);
    await expect(logIn(login)).rejects.toThrow(/password authentication failed/);
    const lost = new Promise((resolve) => client.once('end', resolve));
    await look();
    await lost;
    expect(await rolesLeft()).toEqual([{ rolname: 'windlass_login_theirs' }, { rolname: `${NAME}b` }]);
    expect(await db.sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'own'`, 'shop')).toEqual([
      { tableowner: 'app' },
    ]);
    await db.sql('DROP TABLE public.own', 'shop');
    await db.sql('DROP ROLE windlass_login_theirs');
  });

  it('is neither drift nor found by anything that looks at the roles', async () => {
    await open({ access: 'user', user: 'app' });
    expect(await db.drift()).toEqual([]);
  });

  it('TLS 1.2 at least, the server verified by name, SCRAM bound to its certificate', async () => {
    const { name, password } = await open({ access: 'user', user: 'app' });
    const ca = path.join(db.stack.directory, 'verify.crt');
    writeFileSync(ca, await db.stack.clients.certificates.caPem());
    const psql = (more: string) =>
      run('psql', ['-Atqc', 'SELECT current_user', `hostaddr=${address} dbname=shop user=${name} sslmode=verify-full sslrootcert=${ca} ${more}`], {
        env: { ...process.env, PGPASSWORD: password },
      }); // prettier-ignore
    expect((await psql('host=127.0.0.1 channel_binding=require')).stdout).toBe('app\n');
    await expect(psql('host=another.example')).rejects.toThrow(/does not match host name/);
    expect(await protocolWith(address, 'TLSv1.1')).toBe('refused');
    expect(await protocolWith(address, 'TLSv1.2')).toBe('TLSv1.2');
  });
});

/** Which version the server agrees to when no later one is offered. */
async function protocolWith(host: string, maxVersion: 'TLSv1.1' | 'TLSv1.2'): Promise<string> {
  const socket = connect({ host, port: 5432 });
  await once(socket, 'connect');
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])); // SSLRequest
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('S');
  const tls = connectTls({
    ...{ socket, maxVersion, minVersion: maxVersion },
    ...{ rejectUnauthorized: false, ciphers: 'DEFAULT@SECLEVEL=0' },
  });
  try {
    await once(tls, 'secureConnect');
    return tls.getProtocol() ?? 'none';
  } catch {
    return 'refused';
  } finally {
    tls.destroy();
  }
}
