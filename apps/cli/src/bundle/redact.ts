import { isObject, type JsonObject } from '@windlass/client/json';

const LEFT_OUT = '[left out]';
const REDACTED = '[redacted]';

/** Texts of a spec that are passed on: names, sizes, places. Every other one may hold what its owner put there, and is left out. */
const SPEC_TEXTS: ReadonlySet<string> = new Set(
  'aliases attributes azure_account azure_container azure_endpoint base_path connect_as cpus cron_expression database_name destination_path gcs_bucket gcs_endpoint host_ids host_path id image memory name postgres_version retention_full_type roles s3_bucket s3_endpoint s3_region service_id service_type source_database_id source_database_name source_node source_node_name spock_version target_nodes target_session_attrs type username version'.split(' '), // prettier-ignore
);
/** Of maps with names of their owner even numbers are left out. */
const FREE: ReadonlySet<string> = new Set([
  'config',
  'custom_options',
  'driver_opts',
  'extra_labels',
  'restore_options',
]);
/** What Postgres' settings mostly are: `on`, `128MB`, `0.9`. */
const PLAIN_SETTING = /^(on|off|true|false|[\d.]+ ?(B|kB|MB|GB|TB|us|ms|s|min|h|d)?|minimal|replica|logical)$/;

const SECRET_NAME = /(password|passwd|passphrase|secret|credential|private_?key|api_?key|access_?key|_key$|^token$|_token$|^authorization$)/i; // prettier-ignore

/** What secrets look like, wherever they stand. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\bwl_[A-Za-z0-9_-]{6,}/g, `wl_${REDACTED}`],
  [/\bPGEDGE-[A-Za-z0-9_-]+/g, `PGEDGE-${REDACTED}`],
  [/\bSWMTKN-[A-Za-z0-9-]+/g, `SWMTKN-${REDACTED}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\bSCRAM-SHA-256\$[^\s"']+/g, REDACTED],
  [/\bmd5[0-9a-f]{32}\b/g, REDACTED],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/(\w+:\/\/[^\s:@/"']*):[^\s@/"']+@/g, `$1:${REDACTED}@`],
  [/\b(PASSWORD\s+)'(?:[^']|'')*'/gi, `$1'${REDACTED}'`],
  [/((?:password|passwd|passphrase|secret|credential|private_?key|api[_-]?key|access[_-]?key|_key|token)\\?["']?\s*[:=]\s*)(\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'|[^\s,;}"']+)/gi, `$1${REDACTED}`], // prettier-ignore
];

/** Takes secrets out of what is passed on; `known` are such as this machine has in its files. */
export class Redactor {
  readonly #known: readonly string[];

  constructor(known: readonly string[] = []) {
    // A short one would be found in other words.
    this.#known = known.filter((secret) => secret.length >= 8);
  }

  text(text: string): string {
    let left = text;
    for (const secret of this.#known) left = left.replaceAll(secret, REDACTED);
    for (const [shape, instead] of SHAPES) left = left.replace(shape, instead);
    return left;
  }

  /** An answer of the API, of which a spec is passed on field by field. */
  value(value: unknown, name = ''): unknown {
    if (name === 'spec' && isObject(value)) return this.#spec(value);
    if (typeof value === 'string') return SECRET_NAME.test(name) ? REDACTED : this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.value(one, name));
    if (!isObject(value)) return value;
    return mapped(value, (one, key) => this.value(one, key));
  }

  #spec(value: unknown, name = ''): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#spec(one, name));
    if (isObject(value)) {
      if (name === 'postgresql_conf') return mapped(value, (one) => (PLAIN_SETTING.test(String(one)) ? one : LEFT_OUT));
      return FREE.has(name) ? mapped(value, () => LEFT_OUT) : mapped(value, (one, key) => this.#spec(one, key));
    }
    if (typeof value !== 'string') return value;
    return SPEC_TEXTS.has(name) ? this.text(value) : LEFT_OUT;
  }
}

const mapped = (value: JsonObject, change: (one: unknown, key: string) => unknown): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one, key)]));
