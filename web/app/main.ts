import App from './app.ts';

App.create({ autoboot: true });

/** It fetches every file of the shell: not while the page itself still needs the line. */
const shellAfter = 5_000;

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  // Without it the chat works all the same, but not offline.
  window.setTimeout(() => void navigator.serviceWorker.register('/sw.js').catch(() => undefined), shellAfter);
}
