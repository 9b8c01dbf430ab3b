/** What somebody does on one node, as messages in the order in which a client sends them. */
export interface CorpusEntry {
  readonly name: string;
  readonly messages: readonly string[];
  /** Who: a role that owns what it makes (`alice`), or a superuser. */
  readonly by?: 'superuser';
  /** Each message is sent by the extended protocol. */
  readonly extended?: boolean;
}

export const by = (name: string, ...messages: string[]): CorpusEntry => ({ name, messages });
export const bySuperuser = (name: string, ...messages: string[]): CorpusEntry => ({ name, messages, by: 'superuser' });
export const extended = (name: string, ...messages: string[]): CorpusEntry => ({ name, messages, extended: true });
