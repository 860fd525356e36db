import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { newId } from '../foundation/crypto.ts';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { isUniqueViolation, timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { SecondFactorsTable } from '../database/schema-admin.ts';
import type { Account } from './accounts.ts';
import { checkRoom, emptyFactor, noteFactors, presentFactor, type SecondFactor } from './second-factors.ts';

/** Read when it is needed first: it takes 10 MB, and many appliances have no passkey. */
const library = () => import('@simplewebauthn/server');

/** Where the browser sees us: a passkey belongs to a domain (https://www.w3.org/TR/webauthn-3/#rp-id). */
export interface Site {
  readonly origin: string;
  readonly domain: string;
}

/** Asks for one more passkey of the account. `challenge` is in the answer, and to be kept for `addPasskey`. Throws KOSMOS_ERR_SECOND_FACTOR_LIMIT. */
export async function passkeyCreation(queries: Queries, account: Account, site: Site): Promise<PublicKeyCredentialCreationOptionsJSON> {
  await checkRoom(queries, account);
  const existing = await findPasskeys(queries, account, site.domain);
  return (await library()).generateRegistrationOptions({
    rpName: 'Kosmos Chat',
    rpID: site.domain,
    userName: account.name,
    userDisplayName: account.displayName ?? account.name,
    userID: new Uint8Array(Buffer.from(account.id)),
    attestationType: 'none',
    excludeCredentials: existing.map(descriptorOf),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  });
}

/** Throws KOSMOS_ERR_PASSKEY_INVALID. */
export async function addPasskey(
  change: Change,
  account: Account,
  site: Site,
  given: { name: string; challenge: string; response: RegistrationResponseJSON },
): Promise<SecondFactor> {
  const { credential } = await verifyNew(site, given.challenge, given.response);
  const row = {
    ...emptyFactor(newId(), account, 'passkey', given.name.trim() || 'Passkey'),
    ...{ credential: credential.id, public_key: Buffer.from(credential.publicKey).toString('base64url'), counter: credential.counter },
    ...{ transports: JSON.stringify(credential.transports ?? []), domain: site.domain },
  };
  try {
    await change.queries.insertInto('second_factors').values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error))
      throw new KosmosError('KOSMOS_ERR_PASSKEY_INVALID', { reason: 'it is registered already' }, { cause: error });
    throw error;
  }
  await noteFactors(change, account);
  return presentFactor(row);
}

/** Asks for one of the account's passkeys; undefined if it has none for this domain. */
export async function passkeyRequest(
  queries: Queries,
  account: Pick<Account, 'id'>,
  site: Site,
): Promise<PublicKeyCredentialRequestOptionsJSON | undefined> {
  const passkeys = await findPasskeys(queries, account, site.domain);
  if (passkeys.length === 0) return undefined;
  return (await library()).generateAuthenticationOptions({
    rpID: site.domain,
    allowCredentials: passkeys.map(descriptorOf),
    userVerification: 'preferred',
  });
}

/** False if the answer does not come from a passkey of the account, or is an earlier one played again. */
export async function takePasskey(
  change: Change,
  account: Pick<Account, 'id'>,
  site: Site,
  given: { challenge: string; response: AuthenticationResponseJSON },
): Promise<boolean> {
  const passkeys = await findPasskeys(change.queries, account, site.domain);
  const passkey = passkeys.find(({ credential }) => credential === given.response.id);
  if (!passkey) return false;
  const counter = await verify(passkey, site, given);
  if (counter === undefined) return false;
  const set = { counter, used_at: timestamp() };
  await change.queries.updateTable('second_factors').set(set).where('id', '=', passkey.id).execute();
  return true;
}

async function verifyNew(site: Site, challenge: string, response: RegistrationResponseJSON) {
  const expected = { expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.domain };
  try {
    const result = await (await library()).verifyRegistrationResponse({ response, ...expected, requireUserVerification: false });
    if (result.verified) return result.registrationInfo;
    throw new Error('its answer does not hold');
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_PASSKEY_INVALID', { reason: messageOf(error).slice(0, 200) }, { cause: error });
  }
}

/** The authenticator's new counter. */
async function verify(
  row: SecondFactorsTable,
  site: Site,
  { challenge, response }: { challenge: string; response: AuthenticationResponseJSON },
): Promise<number | undefined> {
  const publicKey = new Uint8Array(Buffer.from(row.public_key ?? '', 'base64url'));
  const credential = { id: row.credential ?? '', publicKey, counter: Number(row.counter ?? 0) };
  const expected = { expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.domain };
  try {
    const result = await (
      await library()
    ).verifyAuthenticationResponse({ response, credential, ...expected, requireUserVerification: false });
    return result.verified ? result.authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}

function findPasskeys(queries: Queries, account: Pick<Account, 'id'>, domain: string): Promise<SecondFactorsTable[]> {
  return queries
    .selectFrom('second_factors')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('kind', '=', 'passkey')
    .where('domain', '=', domain)
    .execute();
}

function descriptorOf({ credential, transports }: SecondFactorsTable) {
  return { id: credential ?? '', transports: JSON.parse(transports ?? '[]') as AuthenticatorTransport[] };
}
