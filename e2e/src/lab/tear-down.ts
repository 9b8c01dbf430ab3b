import { lab } from './lab.ts';

export default async function tearDown(): Promise<void> {
  if (process.env['WINDLASS_E2E_KEEP'] === undefined) await lab('down');
}
