import { X509Certificate, createPrivateKey } from 'node:crypto';

/** Whether the key is the certificate's; of a change that was cut off, one of the two may be of before. */
export function isPair(certPem: string | undefined, keyPem: string | undefined): boolean {
  try {
    return (
      certPem !== undefined &&
      keyPem !== undefined &&
      new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))
    );
  } catch {
    return false;
  }
}

/** Whom a certificate names, as somebody who signs the next one has to be told; throws of what is no certificate. */
export function nameOf(certPem: string): { readonly commonName: string; readonly names: readonly string[] } {
  const { subject, subjectAltName } = new X509Certificate(certPem);
  return { commonName: /^CN=(.*)$/m.exec(subject)?.[1] ?? '', names: alternativeNames(subjectAltName) };
}

/** DNS names and addresses, without what says which of them they are. */
export const alternativeNames = (text: string | undefined): string[] =>
  (text ?? '')
    .split(', ')
    .map((part) => part.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '');
