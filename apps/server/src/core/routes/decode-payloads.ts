import { TemporalPayloads } from '@windlass/resources/platform/api';
import { decodePayloads as decode } from '../decode-payloads.ts';
import { defineRoute } from '../route.ts';
import { jsonBody } from '../wire-body.ts';

/** POST /v1/temporal/codec/decode */
export const decodePayloads = defineRoute({
  operationId: 'decode-payloads',
  method: 'POST',
  url: '/v1/temporal/codec/decode',
  tag: 'system',
  needs: 'viewer',
  reaches: 'everything', // a payload does not say whose it is
  summary: 'What Temporal keeps of arguments, results and failures in clear: for its UI and its command-line tool',
  errors: [],
  forTemporalUi: true,
  unaudited: true,
  body: jsonBody(TemporalPayloads),
  response: TemporalPayloads,
  handle: ({ deps, body }) => decode(deps, body),
});
