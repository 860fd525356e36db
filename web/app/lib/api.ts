/** The API of control, as this client uses it. */
export type Home = 'irc' | 'xmpp';
export type Role = 'owner' | 'admin' | 'member' | 'guest';

export interface Account {
  name: string;
  displayName: string | null;
  isAdmin: boolean;
}

export interface Team {
  id: string;
  slug: string;
  name: string;
  home: Home;
  role: Role | null;
  /** `#rrggbb`, and where the picture is. */
  accent?: string | null;
  logo?: string | null;
}

export interface BrowserSession {
  id: string;
  kind: 'browser' | 'program';
  userAgent: string | null;
  address: string | null;
  createdAt: string;
  seenAt: string;
  expiresAt: string;
  current: boolean;
}

export interface LoggedIn {
  account: Account;
  session: BrowserSession;
  teams: Team[];
  /** A second factor is required and missing: until there is one, nothing else is answered. */
  mustEnrol?: boolean;
}

/** The password was right; one of these has to follow. */
export interface SecondFactor {
  ticket: string;
  methods: ('totp' | 'passkey' | 'recovery')[];
  expiresAt: string;
}

export interface TeamChannel {
  id: string;
  name: string;
  topic: string | null;
  private: boolean;
  address: string;
  open: boolean;
}

export interface Member {
  name: string;
  displayName: string | null;
  role: Role;
  disabled: boolean;
}

export interface Invite {
  id: string;
  role: Role;
  usesLeft: number | null;
  expiresAt: string | null;
}

export interface NewInvite extends Invite {
  token: string;
  url: string;
}

export interface Appliance {
  version: string;
  status: 'setup' | 'ready';
  domain: string;
  roomsDomain: string;
  irc: { host: string; port: number; secure: boolean };
  xmpp: { host: string; port: number };
  language?: string;
  registration?: 'invite' | 'open' | 'domains';
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A refusal of control: `code` from its error catalogue, or NETWORK when nothing answered. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly details: Record<string, string | number> = {},
  ) {
    super(message);
  }
}

async function refusal(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as { code?: string; message?: string; details?: ApiError['details'] };
    return new ApiError(body.code ?? 'UNKNOWN', body.message ?? response.statusText, response.status, body.details);
  } catch {
    return new ApiError('UNKNOWN', response.statusText || String(response.status), response.status);
  }
}

/** Rejects with an ApiError only. */
export async function api<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const request: RequestInit = { method, credentials: 'same-origin', headers: { accept: 'application/json' } };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...request.headers, 'content-type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new ApiError('NETWORK', 'The server does not answer.');
  }
  if (!response.ok) throw await refusal(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Path of the API with each part escaped. */
export function path(...parts: string[]): string {
  return `/api/${parts.map(encodeURIComponent).join('/')}`;
}
