/** Where `bundle-once` has put the bundle of this run. */
export function bundlePath(): string {
  const file = process.env['WINDLASS_TEST_BUNDLE'];
  if (file === undefined) throw new Error('no bundle: run these tests with jest.wtest.cjs');
  return file;
}
