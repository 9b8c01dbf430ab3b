import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { aCodec } from '@windlass/resources/testing';
import { openFixture, type Answer, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

/** As Temporal's UI has it. */
const toWire = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data ?? new Uint8Array()),
});
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const decode = (...payloads: object[]): Promise<Answer> => f.call('POST', '/v1/temporal/codec/decode', { payloads });

test('what is encrypted is answered in clear, what is not as it is, in the order that was asked', async () => {
  const plain = [{ databaseId: 'shop' }, 'a summary', undefined].map((value) => defaultPayloadConverter.toPayload(value)); // prettier-ignore
  const kept = await f.deps.payloads.encode(plain);
  const { status, body } = await decode(...kept.map(toWire), toWire(plain[1] as Payload));
  const clear = [...plain, plain[1] as Payload].map(toWire);
  expect([status, body]).toEqual([200, { payloads: clear }]);
});

test.each([
  ['of another cluster', async () => (await aCodec().encode([defaultPayloadConverter.toPayload('x')])).map(toWire)[0] ?? {}, /sealed with key/], // prettier-ignore
  ['that was changed', async () => ({ ...toWire((await f.deps.payloads.encode([defaultPayloadConverter.toPayload('x')]))[0] as Payload), data: base64(Buffer.alloc(60)) }), /was changed/], // prettier-ignore
  ['that is none', () => Promise.resolve({ metadata: { encoding: base64(Buffer.from('binary/encrypted')) } }), /sealed with key/], // prettier-ignore
])('a payload %s is refused with words', async (_which, make, words) => {
  const { status, body } = await decode(await make());
  expect([status, body['name'], body['message']]).toEqual([400, 'invalid_input', expect.stringMatching(words)]);
});

test('a store that does not answer is said to be that', async () => {
  const payload = toWire((await aCodec().encode([defaultPayloadConverter.toPayload('x')]))[0] as Payload);
  f.storeDown(true);
  expect((await decode(payload)).body['name']).toBe('store_unavailable');
});
