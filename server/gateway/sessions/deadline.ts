import { KosmosError } from '../../foundation/errors.ts';

/** Settles as `work` does. Rejects with KOSMOS_ERR_SERVER_TIMEOUT if that takes too long. */
export async function atMost<T>(work: Promise<T>, milliseconds: number, server: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server })), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
