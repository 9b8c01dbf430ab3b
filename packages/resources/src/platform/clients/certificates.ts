import 'reflect-metadata';
import { X509Certificate, createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { BACKDATED_MS } from '../leaves/index.ts';
import type { CertificatesPort } from './ports.ts';

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

x509.cryptoProvider.set(webcrypto as never);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface Ca {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A new self-signed certificate authority, good for ten years. */
export async function createCa(commonName: string): Promise<Ca> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: `CN=${commonName}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + 3650 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: keys as CryptoKeyPair,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as CryptoKey),
    ],
  });
  return { certPem: cert.toString('pem'), keyPem: await exportKey(keys.privateKey as CryptoKey) };
}

/**
 * Leaves for servers and clients alike, signed by the given authority, none for longer than `longestMs`. An empty common name is
 * allowed.
 */
export function createCertificates(ca: () => Promise<Ca>, longestMs?: number): CertificatesPort {
  return {
    caPem: async () => (await ca()).certPem,
    issue: async (request) => {
      const { publicKeyPem, keyPem } = await keysOf(request.keyPem);
      return { ...(await signCertificate(await ca(), { ...request, publicKeyPem }, longestMs)), keyPem };
    },
  };
}

interface Keys {
  readonly publicKeyPem: string;
  readonly keyPem: string;
}

/** Those of this private key, or new ones. */
export async function keysOf(keyPem: string | undefined): Promise<Keys> {
  if (keyPem === undefined) return newKeys();
  return { publicKeyPem: createPublicKey(keyPem).export({ format: 'pem', type: 'spki' }).toString(), keyPem };
}

/** A new P-256 pair, PEM. */
export async function newKeys(): Promise<Keys> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const der = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return {
    publicKeyPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    keyPem: await exportKey(keys.privateKey),
  };
}

export interface SignRequest {
  /** P-256, PEM. */
  readonly publicKeyPem: string;
  readonly commonName: string;
  readonly names: readonly string[];
  readonly days: number;
}

/** A leaf for somebody else's key; for as long as asked, and not longer than `longestMs`. */
export async function signCertificate(
  authority: Ca,
  { publicKeyPem, commonName, names, days }: SignRequest,
  longestMs = Infinity,
): Promise<{ readonly certPem: string; readonly notAfter: string }> {
  const issuer = new x509.X509Certificate(authority.certPem);
  const publicKey = await importPublicKey(publicKeyPem);
  const notAfter = new Date(Date.now() + Math.min(days * DAY_MS, longestMs));
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString('hex'),
    subject: commonName === '' ? 'O=windlass' : [{ CN: [commonName] }],
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: await importKey(authority.keyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      // Python 3.13 refuses a leaf that does not name its authority's key.
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map(toName))] : []),
    ],
  });
  return { certPem: cert.toString('pem'), notAfter: notAfter.toISOString() };
}

const toName = (name: string): x509.JsonGeneralName =>
  isIP(name) ? { type: 'ip', value: name } : { type: 'dns', value: name };

async function exportKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

async function importKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return (await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])) as CryptoKey;
}

async function importPublicKey(pem: string): Promise<CryptoKey> {
  const der = createPublicKey(pem).export({ format: 'der', type: 'spki' });
  return (await webcrypto.subtle.importKey('spki', der, ALGORITHM, true, ['verify'])) as CryptoKey;
}

/** Names (sorted) and end of a certificate; `undefined` when the text is none or was not signed by this authority. */
export function readCertificate(
  certPem: string,
  caPem: string,
): { readonly names: readonly string[]; readonly notBefore: Date; readonly notAfter: Date } | undefined {
  try {
    const cert = new X509Certificate(certPem);
    if (!cert.verify(createPublicKey(new X509Certificate(caPem).publicKey.export({ format: 'pem', type: 'spki' }))))
      return undefined;
    const names = (cert.subjectAltName ?? '').split(', ').map((part) => part.replace(/^(DNS|IP Address):/, ''));
    return { names: names.sort(), notBefore: new Date(cert.validFrom), notAfter: new Date(cert.validTo) };
  } catch {
    return undefined;
  }
}
