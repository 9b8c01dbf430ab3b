export { isolatePorts, seesBridged } from './bridge-ports.ts';
export { buildWall, removeWall } from './host-firewall.ts';
export { possibleKeys, wallKey, type Place, type Wall } from './wall-rules.ts';
export { createCa, createCertificates, readCertificate, type Ca } from './certificates.ts';
export { openBox } from './open-box.ts';
export { openTrust, type OwnTrust, type TrustConfig } from './own-trust.ts';
