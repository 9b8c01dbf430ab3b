import { toServiceSpec } from './docker-service-spec.ts';
import type { ServiceRequest } from './ports.ts';

const request: ServiceRequest = {
  name: 'a', labels: {}, containerLabels: {}, image: 'sha256:1', hostname: 'a', swarmNodeId: 'n', networks: [{ target: 'bridge' }],
  mounts: [{ source: '/s', target: '/t', readOnly: false }], publish: [], stopGraceSeconds: 1, replicas: 1,
}; // prettier-ignore
const template = (more: Partial<ServiceRequest> = {}) =>
  (toServiceSpec({ ...request, ...more }) as unknown as { TaskTemplate: { ContainerSpec: object; Resources: object } })
    .TaskTemplate;
const bind = { Type: 'bind', Source: '/s', Target: '/t', ReadOnly: false };

test('a container that is to do less has no capability, a root that is only read, and a limit of processes', () => {
  const hardened = template({
    command: ['/usr/bin/setpriv', '--no-new-privs', 'run'],
    ...{ readOnly: true, dropCapabilities: true, pidsLimit: 100 },
    tmpfs: [{ target: '/tmp', bytes: 1024 }],
  });
  expect(hardened.ContainerSpec).toMatchObject({
    Command: ['/usr/bin/setpriv', '--no-new-privs', 'run'],
    ReadOnly: true,
    CapabilityDrop: ['ALL'],
    Mounts: [bind, { Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 1024 } }],
  });
  expect(hardened.Resources).toEqual({ Limits: { Pids: 100 } });
});

test('one that nothing is said of is as Docker makes it', () => {
  const { ContainerSpec, Resources } = template();
  expect(Object.keys(ContainerSpec)).not.toEqual(expect.arrayContaining(['Command']));
  expect(ContainerSpec).not.toHaveProperty('ReadOnly');
  expect(ContainerSpec).not.toHaveProperty('CapabilityDrop');
  expect(ContainerSpec).toMatchObject({ Mounts: [bind] });
  expect(Resources).toEqual({ Limits: {} });
});

/** What Swarm makes of a template in which nothing but a text stands. */
const expanded = (text: string): string =>
  text.replace(/\{\{(.*?)\}\}/gs, (_all, inside: string) => JSON.parse(inside) as string);

test.each(['{{.Node.Hostname}}', '{{"."}}{{"."}}', '{{{x', '{{', '}}', '{{{{"{{"}}', '{ {', '{{7*7}}'])(
  '%s is no template to Swarm: it arrives as it is',
  (text) => {
    const mounts = [{ source: `/srv/${text}/a`, target: `/mnt/${text}`, readOnly: false }];
    const { ContainerSpec } = template({ mounts, env: { NAME: text }, hostname: text }) as unknown as {
      ContainerSpec: { Env: string[]; Hostname: string; Mounts: { Source: string; Target: string }[] };
    };
    const { Env, Hostname, Mounts } = ContainerSpec;
    expect([Env[0], Hostname, Mounts[0]?.Source, Mounts[0]?.Target].map((one = '') => expanded(one))).toEqual([
      `NAME=${text}`,
      text,
      `/srv/${text}/a`,
      `/mnt/${text}`,
    ]);
  },
);
