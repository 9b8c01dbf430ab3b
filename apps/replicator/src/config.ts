import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65535);

/** `host:port`, where a host may be an IPv6 address in brackets. */
const address = z.string().transform((text, context) => {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? [];
  const parsed = port.safeParse(digits);
  if (parsed.success) return { host: bracketed ?? plain ?? '', port: parsed.data };
  context.addIssue({ code: 'custom', message: `'${text}' is no host:port` });
  return z.NEVER;
});

const hosts = z
  .string()
  .transform((text) => text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()])))
  .pipe(z.array(address).min(1));

/** There are nine nodes at most; numbers are not given again before others. */
const number = z.coerce.number().int().min(1).max(15);
const name = z.string().min(1).max(63);

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON' });
    return z.NEVER;
  }
});

const peer = z.strictObject({ number, name, hosts });
const file = z.string().startsWith('/', 'must be an absolute path');

const schema = z.object({
  WINDLASS_NODE_NUMBER: number,
  WINDLASS_NODE_NAME: name,
  /** Where the primary of this node may be: `10.0.0.1:5432,10.0.0.2:5432`. One alone may be a replica: it is waited for. */
  WINDLASS_NODE_HOSTS: hosts,
  /** `[{"number":2,"name":"n2","hosts":"10.0.1.1:5432,10.0.1.2:5432"}]` */
  WINDLASS_PEERS: json.pipe(z.array(peer)),
  WINDLASS_DATABASE: name,
  WINDLASS_USER: name,
  /** A file with the password; without it the certificate says who it is. */
  WINDLASS_PASSWORD_FILE: file.optional(),
  WINDLASS_CA_CERT: file.optional(),
  WINDLASS_CLIENT_CERT: file.optional(),
  WINDLASS_CLIENT_KEY: file.optional(),
  /** A folder for transactions that are kept on disk: the system's for temporary files. */
  WINDLASS_SPILL_DIR: file.optional(),
  WINDLASS_LISTEN: address.default({ host: '127.0.0.1', port: 9480 }),
  WINDLASS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export type ReplicatorConfig = z.output<typeof schema>;

/** Reads the configuration from the environment; every bad value is reported at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReplicatorConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => key.startsWith('WINDLASS_') && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const lines = parsed.success ? contradictions(parsed.data) : parsed.error.issues.map(lineOf);
  if (parsed.success && lines.length === 0) return parsed.data;
  throw new Error(`the replicator's configuration is not valid:\n${lines.join('\n')}`);
}

const lineOf = ({ path, message }: z.core.$ZodIssue): string => `  ${path.join('.')}: ${message}`;

function contradictions(config: ReplicatorConfig): string[] {
  const nodes = [{ number: config.WINDLASS_NODE_NUMBER, name: config.WINDLASS_NODE_NAME }, ...config.WINDLASS_PEERS];
  const isTwice = (values: readonly unknown[]): boolean => new Set(values).size < values.length;
  const tls = [config.WINDLASS_CA_CERT, config.WINDLASS_CLIENT_CERT, config.WINDLASS_CLIENT_KEY];
  return [
    ...(isTwice(nodes.map((one) => one.number)) ? ['  WINDLASS_PEERS: two nodes have one number'] : []),
    ...(isTwice(nodes.map((one) => one.name)) ? ['  WINDLASS_PEERS: two nodes have one name'] : []),
    ...(tls.includes(undefined) && tls.some((one) => one !== undefined)
      ? ['  WINDLASS_CA_CERT, WINDLASS_CLIENT_CERT, WINDLASS_CLIENT_KEY: all or none']
      : []),
  ];
}
