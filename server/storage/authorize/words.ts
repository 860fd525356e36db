import type { StorageScope } from '../../identity/storage-scopes.ts';

/** A scope for people: what may be done, and where that lies. */
export interface ScopeInWords {
  readonly text: string;
  readonly folder: string;
}

/** `notes:rw` is “Read and change your notes”. Made of the module's name, since any app may bring a module that nobody here knows. */
export function scopeInWords({ module, level }: StorageScope): ScopeInWords {
  const verb = level === 'rw' ? 'Read and change' : 'Read';
  if (module === '*') return { text: `${verb} everything in your storage`, folder: 'all folders' };
  return {
    text: `${verb} your ${module
      .replace(/[-_.]+/g, ' ')
      .replace(/^my /, '')
      .trim()}`,
    folder: `/${module}/`,
  };
}

/** `https://notes.example.org` is `notes.example.org`; an app of this device has a scheme only. */
export function clientInWords(client: string): string {
  return client.replace(/^https?:\/\//, '').replace(/:$/, '');
}
