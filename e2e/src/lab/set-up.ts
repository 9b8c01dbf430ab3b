import { lab } from './lab.ts';

export default async function setUp(): Promise<void> {
  await lab('up', '3');
  await lab('heal', 'all');
}
