import { bytesOf } from './bytes.ts';

/** Passkeys as the server's JSON has them; the browser wants bytes. */
type Json = Record<string, unknown>;

interface CredentialJson {
  id: string;
  type: string;
  transports?: string[];
}

function textOf(buffer: ArrayBuffer | null): string | undefined {
  if (!buffer) return undefined;
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const withBytes = (list: unknown) => ((list as CredentialJson[] | undefined) ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

function present(credential: PublicKeyCredential, response: Json): Json {
  const { id, type, authenticatorAttachment } = credential;
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, rawId: id, type, ...(authenticatorAttachment ? { authenticatorAttachment } : {}), clientExtensionResults, response };
}

export const canUsePasskeys = () => 'PublicKeyCredential' in window && window.isSecureContext;

/** Asks the device for a new passkey. */
export async function makePasskey(options: Json): Promise<Json> {
  const user = options['user'] as { id: string };
  const publicKey = {
    ...options,
    challenge: bytesOf(options['challenge'] as string),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: withBytes(options['excludeCredentials']),
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return present(credential, {
    clientDataJSON: textOf(response.clientDataJSON),
    attestationObject: textOf(response.attestationObject),
    transports: response.getTransports(),
  });
}

/** Asks the device to prove a passkey that it has. */
export async function usePasskey(options: Json): Promise<Json> {
  const publicKey = {
    ...options,
    challenge: bytesOf(options['challenge'] as string),
    allowCredentials: withBytes(options['allowCredentials']),
  } as unknown as PublicKeyCredentialRequestOptions;
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  const userHandle = textOf(response.userHandle);
  return present(credential, {
    clientDataJSON: textOf(response.clientDataJSON),
    authenticatorData: textOf(response.authenticatorData),
    signature: textOf(response.signature),
    ...(userHandle === undefined ? {} : { userHandle }),
  });
}
