import { createHash } from 'node:crypto';
import type { AppRequest } from './app-request.ts';
import { style } from './style.ts';
import { clientInWords, scopeInWords, type ScopeInWords } from './words.ts';

export interface ConsentPage {
  readonly request: AppRequest;
  readonly name: string;
  readonly domain: string;
  /** Sealed; comes back with the form. */
  readonly ticket: string;
  /** Whether the browser is logged in to the account, so that a click is enough. */
  readonly isLoggedIn: boolean;
  /** Why the last try failed. */
  readonly problem?: string;
}

const styleHash = createHash('sha256').update(style).digest('base64');

/** `target` is where a form of the page may lead by a redirect (browsers apply form-action to the whole chain). */
export function pageHeaders(target = ''): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' ${target}; frame-ancestors 'none'; base-uri 'none'`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // `no-referrer` would make browsers hide the Origin of the form, which is checked.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

export function consentPage(page: ConsentPage): string {
  const client = escape(clientInWords(page.request.client));
  const address = escape(`${page.name}@${page.domain}`);
  const problem = page.problem ? `<p role="alert">${escape(page.problem)}</p>` : '';
  return frame(
    `Connect ${client}`,
    page.domain,
    `<h1>Connect ${client}?</h1>
<p class="quiet">The app asks to use the storage of ${address}. It will be able to:</p>
<ul>${page.request.scopes.map(scopeInWords).map(scopeItem).join('')}</ul>
${problem}<form method="post">
<input type="hidden" name="ticket" value="${escape(page.ticket)}">
${page.isLoggedIn ? `<p class="account">You are logged in as <strong>${escape(page.name)}</strong>.</p>` : passwordFields(page)}
<div class="actions"><button class="allow" name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Don’t allow</button></div>
</form>`,
    'You can disconnect the app at any time in your settings. The app never sees your password.',
  );
}

export function problemPage(domain: string, problem: string): string {
  const hint = 'Go back to the app and try again. If it happens again, the app’s makers can use the sentence above.';
  return frame(
    'This app cannot be connected',
    domain,
    `<h1>Not connected</h1><p role="alert">${escape(problem)}</p><p class="quiet">${hint}</p>`,
  );
}

function passwordFields({ name, problem }: ConsentPage): string {
  const state = problem ? ' aria-invalid="true"' : '';
  return `<label for="name">Account</label><input id="name" name="name" value="${escape(name)}" autocomplete="username" readonly>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required autofocus${state}>`;
}

function scopeItem({ text, folder }: ScopeInWords): string {
  return `<li><span>${escape(text)}</span><code>${escape(folder)}</code></li>`;
}

function frame(title: string, domain: string, content: string, foot = ''): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><style>${style}</style></head>
<body><main><header>${mark}<span>${escape(domain)}</span></header>
${content}</main>${foot ? `<footer>${foot}</footer>` : ''}</body></html>`;
}

/** A planet with its ring. */
const mark = `<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.5" aria-hidden="true">
<circle cx="16" cy="16" r="8" fill="currentColor" stroke="none"/><ellipse cx="16" cy="16" rx="14" ry="5" transform="rotate(-25 16 16)"/></svg>`;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
