/** What a value of a pgBackRest option looks like. */
type Shape = 'flag' | 'count' | 'size' | 'text' | 'path' | readonly string[];

/**
 * Options of a repository that `custom_options` may name, without pgBackRest's `repoN-` prefix. Those that say where the
 * repository is (`path`, `type`, hosts) are not among them: other fields say it, or Windlass decides it. A test gives every
 * one of them to pgBackRest.
 */
export const REPOSITORY_OPTIONS: Readonly<Record<string, Shape>> = {
  'azure-account': 'text',
  'azure-container': 'text',
  'azure-endpoint': 'text',
  'azure-key': 'text',
  'azure-key-type': ['shared', 'sas', 'auto'],
  'azure-uri-style': ['host', 'path'],
  block: 'flag',
  bundle: 'flag',
  'bundle-limit': 'size',
  'bundle-size': 'size',
  'cipher-pass': 'text',
  'cipher-type': ['none', 'aes-256-cbc'],
  'gcs-bucket': 'text',
  'gcs-endpoint': 'text',
  'gcs-key-type': ['auto', 'service', 'token'],
  'gcs-user-project': 'text',
  hardlink: 'flag',
  'retention-archive': 'count',
  'retention-archive-type': ['full', 'diff', 'incr'],
  'retention-diff': 'count',
  'retention-full': 'count',
  'retention-full-type': ['time', 'count'],
  'retention-history': 'count',
  's3-bucket': 'text',
  's3-endpoint': 'text',
  's3-key': 'text',
  's3-key-secret': 'text',
  's3-key-type': ['shared', 'auto', 'web-id'],
  's3-kms-key-id': 'text',
  's3-region': 'text',
  's3-requester-pays': 'flag',
  's3-role': 'text',
  's3-sse-customer-key': 'text',
  's3-token': 'text',
  's3-uri-style': ['host', 'path'],
  'storage-ca-file': 'path',
  'storage-ca-path': 'path',
  'storage-host': 'text',
  'storage-port': 'count',
  'storage-tag': 'text',
  'storage-upload-chunk-size': 'size',
  'storage-verify-tls': 'flag',
};

/** Options whose values are credentials: sealed, and never shown again. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  'azure-key',
  'cipher-pass',
  'gcs-key',
  's3-key',
  's3-key-secret',
  's3-sse-customer-key',
  's3-token',
]);

export const isSecretOption = (name: string): boolean => SECRET_OPTIONS.has(name);

/** `repo1-bundle` and `bundle` are the same option of a repository. */
export const optionName = (key: string): string => key.replace(/^repo\d+-/, '');

const PATTERNS: Readonly<Record<Exclude<Shape, readonly string[]>, readonly [RegExp, string]>> = {
  flag: [/^[yn]$/, 'must be "y" or "n"'],
  count: [/^[0-9]{1,7}$/, 'must be a whole number'],
  size: [/^[0-9]{1,15}(?:[kmgtp]i?b?|b)?$/i, 'must be a size such as "20MiB"'],
  text: [/^[^\p{Cc}]{1,1024}$/u, 'must be one line of 1 to 1024 characters'],
  path: [/^\/[^\p{Cc}]{1,255}$/u, 'must be an absolute path'],
};

/** Why an option of a repository is refused; undefined when it is fine. */
export function optionRefusal(key: string, value: string): string | undefined {
  const name = optionName(key);
  if (!Object.hasOwn(REPOSITORY_OPTIONS, name)) return 'is not an option of a repository that can be set';
  const shape = REPOSITORY_OPTIONS[name] ?? 'text';
  if (typeof shape !== 'string')
    return shape.includes(value) ? undefined : `must be one of ${shape.map(quote).join(', ')}`;
  const [pattern, text] = PATTERNS[shape];
  if (!pattern.test(value)) return text;
  return value.trim() === value ? undefined : 'must not begin or end with a space';
}

const quote = (word: string): string => `"${word}"`;
