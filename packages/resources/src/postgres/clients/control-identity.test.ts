import { LeafBook } from '../../platform/leaves/index.ts';
import { createCa, createCertificates } from '../../platform/clients/certificates.ts';
import { DomainError } from '../../errors/index.ts';
import type { CertificatesPort } from '../../platform/clients/ports.ts';
import { controlIdentity } from './control-identity.ts';

/** A port whose certificates are good for as long as it says, or that signs none. */
async function open() {
  const ca = await createCa('test');
  const signs = { seconds: 3600, down: false, made: 0 };
  const issue: CertificatesPort['issue'] = (request) => {
    if (signs.down) return Promise.reject(new DomainError('server_unavailable', 'no server signs certificates'));
    signs.made += 1;
    return createCertificates(() => Promise.resolve(ca), signs.seconds * 1000).issue(request);
  };
  const told: unknown[] = [];
  const book = new LeafBook();
  const certificates = { issue, caPem: () => Promise.resolve(ca.certPem) };
  return {
    signs,
    told,
    book,
    identity: controlIdentity('host-1', { certificates, book, onError: (err) => told.push(err) }),
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
