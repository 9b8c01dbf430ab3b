export { createCa, createCertificates, type Ca } from '../clients/certificates.ts';
export { createAccounts, type AccountsPort, type EtcdMember, type Rights } from './accounts.ts';
export { callServer, ServerCallError, type ServerAnswer } from './call-server.ts';
export { fingerprintOf, parseJoinToken } from './join-token.ts';
export { saveFile, saveJoinOptions } from './save-join-options.ts';
