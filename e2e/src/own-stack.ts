/**
 * Imported before anything else, it gives a file of tests a stack of its own beside that of the others: another home, other ports. The
 * file starts and ends it.
 */
const { WINDLASS_E2E_HOME: home = '/tmp/windlass-e2e', WINDLASS_E2E_PORT_BASE: base } = process.env;

/** Behind the ports of the stack of the others, and those of its hosts. */
const PORTS_AFTER = 800;
/** 26000 to 26999 are of the lab, and of the contract tests. */
const USUAL_BASE = 27_000;

process.env['WINDLASS_E2E_HOME'] = `${home}-own`;
process.env['WINDLASS_E2E_PORT_BASE'] = String(base === undefined ? USUAL_BASE : Number(base) + PORTS_AFTER);
