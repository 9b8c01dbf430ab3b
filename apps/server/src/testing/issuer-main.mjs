// An OpenID provider on loopback: node issuer-main.mjs '{"port": 0, "keys": [<private JWK>, …], "clients": {"<id>": {<claims>}}}'. Tells its port on stdout.
// It signs with the first key. Clients get JWTs by their id and the secret "secret", for whatever resource they name.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const { port, keys, clients } = JSON.parse(process.argv[2] ?? '{}');
process.stdin.resume().on('end', () => process.exit()); // it does not outlive who started it
const server = http.createServer();
server.listen(port, '127.0.0.1', () => {
  const { port: now } = server.address();
  const provider = new Provider(`http://127.0.0.1:${String(now)}`, {
    jwks: { keys },
    clients: Object.keys(clients).map((id) => ({
      client_id: id,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: keys[0].alg,
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: '',
          audience: resource,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: keys[0].alg } },
        }),
      },
    },
    extraTokenClaims: (_context, token) => clients[token.clientId],
  });
  server.on('request', provider.callback());
  process.stdout.write(`${String(now)}\n`);
});
