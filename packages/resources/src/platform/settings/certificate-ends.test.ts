import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCa, createCertificates } from '../trust/index.ts';
import { expiredAmong, readCertificateEnds } from './certificate-ends.ts';

test('when certificates end is read from their files, and one that has ended is named', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-ends-'));
  const file = (name: string) => path.join(folder, name);
  const ca = await createCa('ends');
  const leaf = await createCertificates(() => Promise.resolve(ca)).issue({ commonName: 'x', names: [], days: 10 });
  writeFileSync(file('ca.crt'), ca.certPem);
  writeFileSync(file('x.crt'), leaf.certPem);
  writeFileSync(file('bad.crt'), 'nothing');
  const ends = await readCertificateEnds({ ca: file('ca.crt'), client: file('x.crt'), none: file('none.crt'), unset: undefined }); // prettier-ignore
  expect(Object.keys(ends)).toEqual(['ca', 'client']);
  expect((Date.parse(ends['client'] ?? '') - Date.now()) / 86_400_000).toBeCloseTo(10, 1);
  expect(expiredAmong(ends, new Date())).toEqual([]);
  expect(expiredAmong(ends, new Date(Date.now() + 11 * 86_400_000))).toEqual([`the certificate 'client' expired at ${String(ends['client'])}`]); // prettier-ignore
  await expect(readCertificateEnds({ own: file('bad.crt') })).rejects.toThrow("certificate 'own' cannot be read");
});
