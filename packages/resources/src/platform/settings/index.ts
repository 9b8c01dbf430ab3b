export { missingTemporalTls, readTemporalTls, temporalTlsSettings, type TemporalTls } from './temporal-tls.ts';
export { expiredAmong, readCertificateEnds, type CertificateEnds } from './certificate-ends.ts';
