import { LeafBook } from '../../platform/leaves/index.ts';
import { createCa, createCertificates } from '../../platform/clients/certificates.ts';
import { DomainError } from '../../errors/index.ts';
import type { CertificatesPort } from '../../platform/clients/ports.ts';
import { controlName, memberName } from '../spec/own-names.ts';
import { controlIdentities } from './control-identities.ts';
import { X509Certificate } from 'node:crypto';

/** A port whose certificates are good for as long as it says, or that signs none. */
async function open() {
  const ca = await createCa('test');
  const signs = { seconds: 3600, down: false, made: 0, refuses: '' };
  const issue: CertificatesPort['issue'] = (request) => {
    if (request.commonName === signs.refuses) return Promise.reject(new DomainError('invalid_input', 'not for you'));
    if (signs.down) return Promise.reject(new DomainError('server_unavailable', 'no server signs certificates'));
    signs.made += 1;
    return createCertificates(() => Promise.resolve(ca), signs.seconds * 1000).issue(request);
  };
  const told: unknown[] = [];
  const book = new LeafBook();
  const certificates = { issue, caPem: () => Promise.resolve(ca.certPem) };
  const owners: Record<string, string> = { '10.0.0.1': 'shop', '10.0.0.2': 'bank' };
  const identities = controlIdentities(
    'host-1',
    { certificates, book, onError: (err) => told.push(err) },
    (address) => owners[address] === undefined ? undefined : { databaseId: owners[address], nodeName: 'n1' },
  ); // prettier-ignore
  return {
    signs,
    told,
    book,
    identities,
    identity: () => identities.control('10.0.0.1'),
  };
}

test('one is made when it is needed, for all who ask at once, and is not asked for again', async () => {
  const { identity, signs } = await open();
  const [one, other] = await Promise.all([identity(), identity()]);
  expect([other === one, (await identity()) === one, signs.made]).toEqual([true, true, 1]);
});

test('one that could not be made is asked for again', async () => {
  const { identity, signs } = await open();
  signs.down = true;
  await expect(identity()).rejects.toThrow('no server signs certificates');
  signs.down = false;
  expect((await identity()).certPem).toContain('BEGIN CERTIFICATE');
});

test('one that is due becomes another; while nobody signs it is used on, and told', async () => {
  const { identity, signs, told } = await open();
  const one = await identity();
  const later = Date.now() + 3600_000 * 0.7;
  jest.spyOn(Date, 'now').mockReturnValue(later);
  signs.down = true;
  expect(await identity()).toBe(one);
  expect(told).toHaveLength(1);
  signs.down = false;
  expect(await identity()).not.toBe(one);
  jest.restoreAllMocks();
});

test('one that has ended is named by the error of the task that needs it', async () => {
  const { identity, signs, book } = await open();
  await identity();
  const end = book.ends()['host-1 for its databases'] ?? '';
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse(end) + 1);
  signs.down = true;
  await expect(identity()).rejects.toMatchObject({
    code: 'server_unavailable',
    message: `the certificate of host-1 for its databases ended at ${end}: no server signs certificates`,
  });
  jest.restoreAllMocks();
});

const nameIn = ({ certPem }: { readonly certPem: string }): string =>
  new X509Certificate(certPem).subject.replace('CN=', '');
/** Postgres, which lets this name in and no other. */
const server = (lets: string) => {
  const shown: string[] = [];
  const open = (identity: { readonly certPem: string }): Promise<string> => {
    shown.push(nameIn(identity));
    return nameIn(identity) === lets ? Promise.resolve(lets) : Promise.reject(Object.assign(new Error('no'), { code: '28000' }));
  };
  return { shown, open };
}; // prettier-ignore

test('each database is shown a name of its own, Patroni that of a member of its node; nobody else is shown any', async () => {
  const { identities } = await open();
  const named = async (address: string) => [
    nameIn(await identities.control(address)),
    nameIn(await identities.member(address)),
  ];
  expect(await named('10.0.0.1')).toEqual([controlName('shop'), memberName('shop:n1')]);
  expect(await named('10.0.0.2')).toEqual([controlName('bank'), memberName('bank:n1')]);
  await expect(identities.control('10.0.0.3')).rejects.toMatchObject({ code: 'postgres_unavailable' });
});

test('where the rules are from before the former name is shown, first as long as it is let in, and never again after that', async () => {
  const { identities } = await open();
  const older = server('windlass');
  const newer = server(controlName('shop'));
  for (const { open } of [older, older, newer, newer]) await identities.begin('10.0.0.1', open);
  const own = controlName('shop');
  expect([older.shown, newer.shown]).toEqual([
    [own, 'windlass', 'windlass'],
    ['windlass', own, own],
  ]);
});

test('where nobody signs the former name, and where both are refused, the refusal is told; other failures are not asked twice', async () => {
  const { identities, signs, told } = await open();
  const nobody = server('nobody');
  await expect(identities.begin('10.0.0.1', nobody.open)).rejects.toMatchObject({ code: '28000' });
  expect(nobody.shown).toEqual([controlName('shop'), 'windlass']);
  const away = jest.fn(() => Promise.reject(Object.assign(new Error('no'), { code: '57P03' })));
  await expect(identities.begin('10.0.0.1', away)).rejects.toMatchObject({ code: '57P03' });
  expect(away).toHaveBeenCalledTimes(1);
  const other = await open();
  other.signs.refuses = 'windlass';
  const older = server('windlass');
  for (let i = 0; i < 2; i += 1)
    await expect(other.identities.begin('10.0.0.2', older.open)).rejects.toMatchObject({ code: '28000' });
  expect([older.shown, other.told.length]).toEqual([[controlName('bank'), controlName('bank')], 1]);
  expect([signs.refuses, told]).toEqual(['', []]);
});

test('one of a database that has left the host ends without anybody being told', async () => {
  const { identity, book } = await open();
  await identity();
  expect(Object.keys(book.ends())).toEqual(['host-1 for its databases']);
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_001);
  expect(Object.keys(book.ends())).toEqual(['host-1 for its databases']);
  now.mockReturnValue(Date.now() + 3_000_000);
  expect(book.ends()).toEqual({});
  jest.restoreAllMocks();
});
