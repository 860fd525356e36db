// The offline shell, and push. The build puts the list of files in place of the two values below.
const VERSION = 'development';
const FILES = [];
const CACHE = `kosmos-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('kosmos-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// Pages come from the server while it answers: a new version is seen at once. Files that are named by their content come from the cache.
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate') {
    if (/^\/(api|internal|storage|upload|hooks|incoming|web-push|previews|sockethub|oauth|\.well-known)(\/|$)/.test(url.pathname)) return;
    event.respondWith(fetch(event.request).catch(() => caches.match('/index.html')));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});

const isGerman = self.navigator.language.startsWith('de');
const words = isGerman
  ? { mention: 'Du wirst erwähnt', message: 'Neue Nachricht', direct: 'Neue Direktnachricht', test: 'Push-Nachrichten kommen an.' }
  : { mention: 'You are mentioned', message: 'New message', direct: 'New direct message', test: 'Push notifications arrive.' };

function payloadOf(data) {
  try {
    return data ? data.json() : {};
  } catch {
    return {};
  }
}

/** What a push says: who said what if the person lets it, else only where there is something. */
function noteOf({ type, kind, channelName, nick, text }) {
  const place = channelName ? `#${channelName.replace(/^#/, '')}` : '';
  if (type === 'test') return { title: 'Kosmos Chat', body: words.test };
  const body = text || words[kind] || words.message;
  return { title: [nick, place].filter(Boolean).join(' · ') || 'Kosmos Chat', body };
}

self.addEventListener('push', (event) => {
  const payload = payloadOf(event.data);
  const tag = payload.conversation || payload.channel || payload.type || 'kosmos';
  if (payload.type === 'read') {
    const close = self.registration.getNotifications({ tag }).then((notes) => notes.forEach((note) => note.close()));
    return event.waitUntil(close);
  }
  const { title, body } = noteOf(payload);
  const options = { body, tag, renotify: true, data: { path: pathOf(payload) }, icon: '/icons/icon-192.png', badge: '/icons/icon-192.png' };
  event.waitUntil(self.registration.showNotification(title, options));
});

/** The address of what a note is about: the message in its channel, or the person who wrote. */
function pathOf({ team, channelName, nick, id }) {
  const places = channelName ? [team, channelName.replace(/^#/, ''), id] : [team, nick && `@${nick}`];
  return team && places[1] ? `/${places.filter(Boolean).map(encodeURIComponent).join('/')}` : '/';
}

async function show({ path = '/' }) {
  const [open] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!open) return self.clients.openWindow(path);
  await open.focus();
  open.postMessage({ type: 'open', path });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data || {}));
});
