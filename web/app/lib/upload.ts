import type { Attachment } from './activity.ts';

/** Where a file goes: an address that takes it, and the one that everybody reads. */
export interface Slot {
  url: string;
  putUrl: string;
  headers?: Record<string, string>;
}

export class UploadCancelled extends Error {}

/** Sends a file; `onProgress` hears parts of one. */
export function put(file: File, slot: Slot, onProgress: (part: number) => void, cancel: AbortSignal): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', slot.putUrl);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    for (const [name, value] of Object.entries(slot.headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 200 || request.status > 299) return reject(new Error(`${request.status} ${request.statusText}`));
      resolve({ url: slot.url, name: file.name, mediaType: file.type || 'application/octet-stream', size: file.size });
    };
    request.onerror = () => reject(new Error('The file did not arrive.'));
    request.onabort = () => reject(new UploadCancelled());
    cancel.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
