// What an API does that is asked for far more than it can do: reads from ten times as many clients as it answers at once, and among
// them changes, each of which must be there afterwards if it was accepted. The clients are on the same cores.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, create, ended, remove } from '../api.mjs';
import { quantile } from '../samples.mjs';
import { API } from '../stack.mjs';

const ID = 'benchoverload';
const CLIENTS = Number(process.env.BENCH_CLIENTS ?? 320);
const SECONDS = 10;

export const overload = {
  hosts: 1,
  repeats: 3,
  minutes: 5,
  run: async ({ samples, rounds }) => {
    await remove(ID);
    await ended(ID, await create(ID, ['host-1']));
    for await (const _ of rounds()) {
      const alone = await load(1, 3);
      samples.note('one client: GET, p99', quantile(alone.reads, 0.99), {});
      const all = await load(CLIENTS, SECONDS);
      samples.note(`${CLIENTS} clients: GET that was admitted, p50`, quantile(all.reads, 0.5), {});
      samples.note(`${CLIENTS} clients: GET that was admitted, p99`, quantile(all.reads, 0.99), { goal: '100' });
      samples.note('admitted', (all.reads.length + all.accepted.length) / SECONDS, { unit: '/s' });
      samples.note('refused with Retry-After', all.refused / SECONDS, { unit: '/s' });
      samples.note('answered otherwise', all.others, { unit: 'rows', goal: '0' });
      samples.note('accepted and not there', await lost(all.accepted), { unit: 'rows', goal: '0' });
    }
    await remove(ID);
  },
};

/** Clients that ask again when they have an answer, and after the second they are told when they were refused. */
async function load(clients, seconds) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const said = { reads: [], accepted: [], refused: 0, others: 0 };
  const until = performance.now() + seconds * 1000;
  const work = async (client) => {
    for (let turn = 0; performance.now() < until; turn += 1) {
      const isChange = clients > 1 && (client + turn) % 50 === 0;
      const begun = performance.now();
      const { status, retryAfter, body } = await ask(
        agent,
        isChange ? { name: `bench-${client}`, role: 'viewer' } : undefined,
      );
      if (status === 200 && isChange) said.accepted.push(JSON.parse(body).api_token.id);
      else if (status === 200) said.reads.push(performance.now() - begun);
      else if (retryAfter === undefined) said.others += 1;
      else {
        said.refused += 1;
        await sleep(Number(retryAfter) * 1000);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  agent.destroy();
  return said;
}

function ask(agent, token) {
  const body = token && JSON.stringify(token);
  const options = {
    agent,
    method: token ? 'POST' : 'GET',
    ...(token && { headers: { 'content-type': 'application/json' } }),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${API}/v1/${token ? 'tokens' : `databases/${ID}`}`, options, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, retryAfter: answer.headers['retry-after'], body: text }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** How many of these tokens are not listed; they are revoked afterwards. */
async function lost(ids) {
  const { tokens } = await call('GET', '/v1/tokens');
  const there = new Set(tokens.map(({ id }) => id));
  for (const id of ids) await fetch(`${API}/v1/tokens/${id}`, { method: 'DELETE' });
  return ids.filter((id) => !there.has(id)).length;
}
