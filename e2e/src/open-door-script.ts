/** What the superuser of a database runs in its container: every request, to every address, with and without a certificate. */
export interface DoorPlan {
  readonly addresses: readonly string[];
  readonly port: number;
  /** `GET /v1/databases` */
  readonly requests: readonly string[];
  /** Addresses and ports of other things that may answer. */
  readonly others: readonly (readonly [string, number])[];
  /** Ports of the host that are tried at each of its addresses. */
  readonly ports: readonly number[];
}

/** What answered: by address, certificate and request, the status and the name of the error. */
export interface DoorReport {
  readonly addresses: readonly string[];
  readonly certificates: readonly string[];
  readonly answers: readonly {
    readonly address: string;
    readonly certificate: string;
    readonly request: string;
    readonly status: number;
    readonly name: string;
  }[];
  /** Addresses at which plain http was answered. */
  readonly plain: readonly string[];
  /** Other things that took a connection, and whether Patroni answered to the instance's own certificate. */
  readonly others: readonly { readonly at: string; readonly open: boolean; readonly patroni: number }[];
}

/** In Python, which every instance has. Its answer goes to standard output as one line of JSON. */
export const doorScript = (plan: DoorPlan): string => `
import glob, http.client, json, socket, ssl, struct
plan = json.loads('''${JSON.stringify(plan)}''')
names = set(plan['addresses']) | {'127.0.0.1'}
for line in open('/proc/net/route').read().splitlines()[1:]:
    fields = line.split()
    net, gateway, mask = (int(fields[n], 16) for n in (1, 2, 7))
    as_text = lambda number: socket.inet_ntoa(struct.pack('<L', number))
    if gateway: names.add(as_text(gateway))
    if mask: names.add(socket.inet_ntoa(struct.pack('>L', struct.unpack('>L', struct.pack('<L', net))[0] + 1)))

def context(pair):
    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if pair: made.load_cert_chain(*pair)
    return made

files = glob.glob('/windlass/**/*.crt', recursive=True), glob.glob('/windlass/**/*.key', recursive=True)
contexts = {'': context(None)}
for crt in files[0]:
    for key in files[1]:
        try: contexts[crt] = context((crt, key))
        except (ssl.SSLError, OSError): pass

def ask(connection, request):
    method, path = request.split(' ', 1)
    headers = {'Content-Type': 'application/json', 'Connection': 'close'}
    connection.request(method, path, '{}' if method == 'POST' else None, headers)
    answer = connection.getresponse()
    name = ''
    if answer.getheader('Content-Type', '').startswith('application/problem'):
        name = json.loads(answer.read() or b'{}').get('name', '')
    return answer.status, name

def is_open(address, port):
    try:
        socket.create_connection((address, port), 2).close()
        return True
    except OSError: return False

answers, plain, others = [], [], []
reached = sorted(name for name in names if is_open(name, plan['port']))
for address in reached:
    for certificate, tls in contexts.items():
        for request in plan['requests']:
            connection = http.client.HTTPSConnection(address, plan['port'], timeout=10, context=tls)
            try: status, name = ask(connection, request)
            except (OSError, http.client.HTTPException) as err: status, name = 0, type(err).__name__
            finally: connection.close()
            answers.append(dict(address=address, certificate=certificate, request=request, status=status, name=name))
    try:
        ask(http.client.HTTPConnection(address, plan['port'], timeout=10), 'GET /v1/version')
        plain.append(address)
    except (OSError, http.client.HTTPException): pass

own = contexts.get('/windlass/certs/server.crt', contexts[''])
for host, port in [*plan['others'], *((name, port) for name in sorted(names) for port in (5432, 8008, *plan['ports']))]:
    entry = dict(at='%s:%d' % (host, port), open=is_open(host, port), patroni=0)
    if entry['open'] and port == 8008:
        try: entry['patroni'] = ask(http.client.HTTPSConnection(host, port, timeout=5, context=own), 'GET /patroni')[0]
        except (OSError, http.client.HTTPException): pass
    others.append(entry)
print(json.dumps(dict(addresses=reached, certificates=[c for c in contexts if c], answers=answers, plain=plain, others=others)))
`;
