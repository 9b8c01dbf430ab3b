import { CertificateAnswer, CertificateRequest } from '@windlass/resources/platform/api';
import { callingHost } from '../caller.ts';
import { signForHost } from '../sign-for-host.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/internal/certificates */
export const signCertificate = defineRoute({
  operationId: 'sign-certificate',
  method: 'POST',
  url: '/v1/internal/certificates',
  tag: 'cluster',
  needs: 'member',
  reaches: 'everything',
  summary: 'A certificate for an instance on the host that asks; for hosts only',
  errors: ['not_a_member'],
  internal: true,
  body: jsonBody(CertificateRequest),
  response: CertificateAnswer,
  handle: async ({ deps, body, request }) => signForHost(deps, await callingHost(deps, request.raw), body),
});
