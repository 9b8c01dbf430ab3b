import { formatCpus, formatMemory, instanceId, hostSuffix, parseCpus, parseMemory } from './index.ts';

describe('cpus', () => {
  it.each([
    ['2', 2],
    ['1.5', 1.5],
    ['500m', 0.5],
    ['0', 0],
    ['', 0],
    ['0.001', 0.001],
    ['14', 14],
    ['1500m', 1.5],
  ])('reads %s', (text, cores) => {
    expect(parseCpus(text)).toBe(cores);
  });
  it.each(['-1', '1.2345', '1.5m', 'x', ' 1', '1e3', '0x10', '١', '9999999999', '1m\n'])('refuses %j', (text) => {
    expect(() => parseCpus(text)).toThrow('is not a number of cores');
  });
  it.each([
    [0.5, '500m'],
    [1.5, '1.5'],
    [14, '14'],
    [0, ''],
    [0.001, '1m'],
    [1500, '1500'],
  ])('shows %d', (cores, text) => {
    expect(formatCpus(cores)).toBe(text);
  });
});

describe('memory', () => {
  it.each([
    ['16GiB', 17179869184],
    ['17GB', 17e9],
    ['512', 512],
    ['1K', 1000],
    ['1Ki', 1024],
    ['1,024kB', 1024000],
    ['1.5 gib', 1610612736],
    ['', 0],
    ['0', 0],
    ['1e', 1e18 > Number.MAX_SAFE_INTEGER ? NaN : 1e18],
    ['.5k', 500],
    ['10B', 10],
  ])('reads %s', (text, bytes) => {
    if (Number.isNaN(bytes)) expect(() => parseMemory(text)).toThrow('too large');
    else expect(parseMemory(text)).toBe(bytes);
  });
  it.each(['-1', 'x', '1QB', '1..5G', 'GiB', '1 0', '1e3', '0x10', '1b b', '1ibb', '1i', '1ib', '.', ','])(
    'refuses %j',
    (text) => {
      expect(() => parseMemory(text)).toThrow('is not a size');
    },
  );
  it.each([
    [17179869184, '17GB'],
    [1.1e9, '1.1GB'],
    [9, '9B'],
    [0, ''],
    [10, '10B'],
    [999, '999B'],
    [1000, '1.0kB'],
    [536870912, '537MB'],
    [1e15, '1.0PB'],
  ])('shows %d', (bytes, text) => {
    expect(formatMemory(bytes)).toBe(text);
  });
});

describe('instance ids', () => {
  it.each([
    ['host-1', '689qacsi'],
    ['host-2', '9ptayhma'],
    ['host-3', 'ant97dj4'],
    ['us-east-1', 'n5fe2mcy'],
    ['dbf5779c-492a-11f0-b11a-1b8cb15693a8', 'io5979nh'],
  ])('%s', (host, suffix) => {
    expect(hostSuffix(host)).toBe(suffix);
    expect(instanceId('shop', 'n1', host)).toBe(`shop-n1-${suffix}`);
  });
});
