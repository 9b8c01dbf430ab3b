export { createCa, createCertificates, readCertificate, type Ca } from './certificates.ts';
