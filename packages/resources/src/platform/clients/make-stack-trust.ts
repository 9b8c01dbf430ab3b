import { fillTrustFolders } from './fill-trust-folders.ts';

/** The command: node make-stack-trust.js <folder> <address of etcd>… */
const [root, ...etcdAddresses] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: make-stack-trust.js <folder> <address of etcd>…');
await fillTrustFolders(root, etcdAddresses);
