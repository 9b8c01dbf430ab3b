import { CertificateAnswer } from '../api/api-join.ts';
import { askServers, type Servers } from './ask-servers.ts';
import { keysOf } from './certificates.ts';
import type { CertificatesPort } from './ports.ts';

/** Certificates on a host that has no key of the authority: keys are made here, a server signs. */
export function createRemoteCertificates(servers: Servers): CertificatesPort {
  return {
    caPem: () => Promise.resolve(servers.identity().caPem),
    issue: async ({ commonName, names, days, keyPem: given, databaseId }) => {
      const { publicKeyPem, keyPem } = await keysOf(given);
      const about = databaseId === undefined ? {} : { database_id: databaseId };
      const request = { public_key: publicKeyPem, common_name: commonName, names, days, ...about };
      const found = await askServers(servers, '/v1/internal/certificates', request, 'signs certificates');
      const answer = CertificateAnswer.parse(found);
      return { certPem: answer.certificate, keyPem, notAfter: answer.not_after };
    },
  };
}
