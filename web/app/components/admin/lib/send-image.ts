import { ApiError } from '../../../lib/api.ts';

/** Sends a picture as the body itself. */
export async function sendImage(path: string, file: File): Promise<void> {
  const answer = await fetch(path, { method: 'PUT', credentials: 'same-origin', headers: { 'content-type': file.type }, body: file }).catch(
    () => undefined,
  );
  if (!answer) throw new ApiError('NETWORK', 'The server does not answer.');
  if (answer.ok) return;
  const refused = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
  throw new ApiError(refused.code ?? 'UNKNOWN', refused.message ?? answer.statusText, answer.status);
}
