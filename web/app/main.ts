import App from './app.ts';

App.create({ autoboot: true });

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  // Without it the chat works all the same, but not offline.
  window.addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}
