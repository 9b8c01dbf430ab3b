export { createCa, createCertificates, readCertificate, type Ca } from './certificates.ts';
export { openTrust, type OwnTrust, type TrustConfig } from './own-trust.ts';
