export {
  createCa,
  createCertificates,
  newKeys,
  signCertificate,
  type Ca,
  type SignRequest,
} from '../clients/certificates.ts';
export { openTrust, type OwnTrust } from '../clients/own-trust.ts';
export { clockLooks } from '../clients/look-at-clock.ts';
export { OwnLeaf } from '../clients/own-leaf.ts';
export { createAccounts, type AccountsPort, type EtcdMember, type Rights } from './accounts.ts';
export { hostRights } from './host-rights.ts';
export { fingerprintOf, parseJoinToken } from './join-token.ts';
export { joinAndKeep, withJoinedSettings } from './joined-settings.ts';
export { saveFile } from './save-join-options.ts';
