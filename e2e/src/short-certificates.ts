/** Imported before the stack, it gives every certificate of a stack this lifetime. */
export const LIFETIME_S = 60;

process.env['WINDLASS_CERTIFICATE_LIFETIME'] = `${String(LIFETIME_S)}s`;
