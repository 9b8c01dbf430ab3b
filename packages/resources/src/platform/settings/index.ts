export { missingTemporalTls, readTemporalTls, temporalTlsSettings, type TemporalTls } from './temporal-tls.ts';
export { temporalPayloadSettings } from './temporal-payloads.ts';
export { expiredAmong, readCertificateEnds, type CertificateEnds } from './certificate-ends.ts';
export { masterKeySettings, masterKeySource, withoutKeysOf, wrongMasterKeys } from './master-keys.ts';
