const CPUS = /^(\d+)(?:\.(\d{1,3})|(m))?$/;
const BYTES = /^([\d.,]*)\s*([a-z]*)$/;
const SI = ['', 'k', 'm', 'g', 't', 'p', 'e'] as const;

/** A quantity that cannot be read. The message says why and names the input. */
export class UnitError extends Error {
  override readonly name = 'UnitError';
}

/** Cores from `2`, `1.5` or `500m`. Empty and zero mean "not set" and give 0. Throws `UnitError`. */
export function parseCpus(text: string): number {
  if (text === '') return 0;
  const match = CPUS.exec(text);
  const cores = match ? Number(match[3] ? match[1] : text.replace(/m$/, '')) / (match[3] ? 1000 : 1) : NaN;
  if (!Number.isFinite(cores) || cores > 1_000_000)
    throw new UnitError(`"${text.slice(0, 32)}" is not a number of cores such as "2", "1.5" or "500m"`);
  return cores;
}

/** Cores as the API shows them: `500m`, `1.5`, `14`. Zero gives the empty string. */
export function formatCpus(cores: number): string {
  if (cores === 0) return '';
  const millis = Math.round(cores * 1000);
  return millis < 1000 ? `${millis}m` : String(millis / 1000);
}

function unitBytes(unit: string): number | undefined {
  const name = unit.replace(/b$/, '');
  const binary = name.endsWith('i') && name.length === 2;
  const power = SI.indexOf((binary ? name.slice(0, 1) : name) as (typeof SI)[number]);
  return power < 0 ? undefined : (binary ? 1024 : 1000) ** power;
}

/** Bytes from `1GiB` (1024), `1GB` or `1G` (1000), `512` or `1,024kB`. Empty gives 0. Throws `UnitError`. */
export function parseMemory(text: string): number {
  if (text === '') return 0;
  const [, digits, unit] = BYTES.exec(text.trim().toLowerCase()) ?? [];
  const factor = unitBytes(unit ?? '');
  const plain = (digits ?? '').replaceAll(',', '');
  if (factor === undefined || !/^(\d+\.?\d*|\.\d+)$/.test(plain))
    throw new UnitError(`"${text.slice(0, 32)}" is not a size such as "512MiB" or "4GB"`);
  const bytes = Math.floor(Number(plain) * factor);
  if (!Number.isSafeInteger(bytes)) throw new UnitError(`"${text.slice(0, 32)}" is too large`);
  return bytes;
}

/** Bytes as the API shows them: powers of 1000, two significant digits, no space (`17GB`, `1.1GB`). Zero gives the empty string. */
export function formatMemory(bytes: number): string {
  if (bytes === 0) return '';
  if (bytes < 10) return `${bytes}B`;
  const power = Math.floor(Math.log10(bytes) / 3 + 1e-12);
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  const suffix = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'][power] ?? 'EB';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}${suffix}`;
}
