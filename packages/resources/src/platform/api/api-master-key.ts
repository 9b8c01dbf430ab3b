import { z } from 'zod';
import { Timestamp } from '../../api/texts.ts';

const KeyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'must be the id of a master key: 16 hexadecimal digits')
  .meta({ description: 'Id of a master key; it says nothing about the key.', examples: ['3f9a0c51d2e84b76'] });

const MasterKey = z
  .object({
    id: KeyId,
    state: z.enum(['active', 'former', 'spare', 'forgotten']).meta({
      description:
        '`active` wraps every data key, or is about to; `former` wrapped them before and some still are; `spare` is held and used by nothing; `forgotten` is never used again.',
    }),
    data_keys: z.int().meta({ description: 'How many data keys it wraps.' }),
    held_by: z.array(z.string()).meta({
      description: 'Servers and control hosts that have it, as they told within the last 20 s.',
      examples: [['server s1', 'control host-1']],
    }),
  })
  .meta({ id: 'MasterKey', description: 'A master key: which, not what.' });

export const MasterKeyState = z
  .object({
    active: KeyId,
    since: Timestamp,
    state: z
      .enum(['ready', 'rotating'])
      .meta({ description: '`rotating` until no data key is wrapped by the former one.' }),
    keys: z.array(MasterKey).meta({ description: 'Every key that is used, held, or was forgotten, by id.' }),
    sealed_before: z.array(z.string()).meta({
      description:
        'Secrets that are still as an earlier release sealed them, by name: they need a master key that they do not name.',
    }),
  })
  .meta({ id: 'MasterKeyState', description: 'The master keys of the cluster.' });
export type MasterKeyState = z.output<typeof MasterKeyState>;

export const RotateMasterKeyRequest = z
  .strictObject({
    to: KeyId.optional().meta({ description: 'The key to use; unless given the only other one that is held.' }),
  })
  .meta({ id: 'RotateMasterKeyRequest', description: 'Which master key is to be used.' });

export const ForgetMasterKeyRequest = z
  .strictObject({ id: KeyId })
  .meta({ id: 'ForgetMasterKeyRequest', description: 'A master key that is not to be used again.' });
