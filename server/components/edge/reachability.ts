import http from 'node:http';
import https from 'node:https';

/** Answered by control with its own mark, so that the appliance can tell itself from a stranger at the same address. */
export const MARK_PATH = '/.well-known/kosmos-chat/mark';

/** `here`: it is this appliance. `elsewhere`: something else answers. The rest: nothing does. */
export type Reach = 'here' | 'elsewhere' | 'closed' | 'silent' | 'unreachable';

export interface PortReach {
  readonly port: number;
  readonly address: string;
  readonly reach: Reach;
  /** The system's own words. */
  readonly reason?: string;
}

const LIMIT = 6_000;
const LARGEST_MARK = 200;

export interface Target {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  readonly isTls: boolean;
  /** What this appliance answers. */
  readonly mark: string;
}

/** Goes the way a stranger's browser would, from the address in the domain's records. Rejects never. */
export async function reach(target: Target): Promise<PortReach> {
  const { port, address } = target;
  try {
    const answer = await fetchMark(target);
    return { port, address, reach: answer === target.mark ? 'here' : 'elsewhere' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { port, address, reach: kinds[code ?? ''] ?? 'unreachable', reason: code ?? message };
  }
}

const kinds: Readonly<Record<string, Reach>> = {
  ECONNREFUSED: 'closed',
  ETIMEDOUT: 'silent',
  ABORT_ERR: 'silent',
  // Somebody is there and speaks, but not as we do.
  EPROTO: 'elsewhere',
  HPE_INVALID_CONSTANT: 'elsewhere',
};

function fetchMark({ domain, address, port, isTls }: Target): Promise<string> {
  const options = {
    host: address,
    port,
    path: MARK_PATH,
    headers: { host: domain },
    agent: false as const,
    signal: AbortSignal.timeout(LIMIT),
  };
  return new Promise((resolve, reject) => {
    // There may be no certificate yet: who answers is told by the mark.
    const outgoing = isTls ? https.get({ ...options, servername: domain, rejectUnauthorized: false }) : http.get(options);
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > LARGEST_MARK) incoming.destroy();
      });
      incoming.on('close', () => resolve(body.trim()));
      incoming.on('error', reject);
    });
  });
}
