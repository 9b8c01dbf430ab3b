import { composeSettings } from '@windlass/resources/testing';
import { readConfig } from './config.ts';

test('docker-compose.yml gives this program every setting that it needs', () => {
  const given = { ...composeSettings('x-app-environment:'), ...composeSettings('  worker:') };
  expect(Object.keys(given).length).toBeGreaterThan(10);
  expect(readConfig(given)).toMatchObject({ WINDLASS_TEMPORAL_TLS_SERVER_NAME: 'temporal' });
});
