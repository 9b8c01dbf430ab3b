export { buildWall, type Place, type Wall } from './host-firewall.ts';
export { publishAddress } from './host-network.ts';
export { createCa, createCertificates, readCertificate, type Ca } from './certificates.ts';
export { openTrust, type OwnTrust, type TrustConfig } from './own-trust.ts';
