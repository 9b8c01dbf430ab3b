export { missingTemporalTls, readTemporalTls, temporalTlsSettings, type TemporalTls } from './temporal-tls.ts';
