import { seal, unseal } from '../foundation/crypto.ts';
import { loadKey } from '../foundation/secrets.ts';
import { findSetting, type StoredSettings } from '../database/settings.ts';
import type { MailServer } from './mail.ts';
import type { Services } from './services.ts';

type Stored = NonNullable<StoredSettings['smtp']>;

/** As an admin gives it: a password that is absent stays as it was. */
export interface GivenMailServer extends Omit<MailServer, 'user' | 'password'> {
  readonly user?: string | null;
  readonly password?: string | null;
}

const CONTEXT = 'mail server';
type Parts = Pick<Services, 'settings' | 'database'>;

export function sealMailServer({ settings }: Parts, given: GivenMailServer, before: Stored | null | undefined): Stored {
  const { password, user = null, ...rest } = given;
  const key = loadKey(settings.dataFolder, 'encryption');
  // A password that was kept goes to the server it was given for, and to no other.
  const isSame = before?.host === given.host && before.port === given.port && before.user === user;
  const kept = isSame ? before.password : null;
  return { ...rest, user, password: password === undefined ? kept : password && seal(password, key, CONTEXT) };
}

export function openMailServer({ settings }: Parts, stored: Stored): MailServer {
  const { password } = stored;
  return { ...stored, password: password && unseal(password, loadKey(settings.dataFolder, 'encryption'), CONTEXT) };
}

export async function findMailServer(parts: Parts): Promise<MailServer | undefined> {
  const stored = await findSetting(parts.database, 'smtp');
  return stored ? openMailServer(parts, stored) : undefined;
}
