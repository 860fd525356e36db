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
    if (/^\/(api|internal|storage|upload|hooks|incoming|sockethub|\.well-known)(\/|$)/.test(url.pathname)) return;
    event.respondWith(fetch(event.request).catch(() => caches.match('/index.html')));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});

// What the daemon sends (docs/develop/daemon.md): {type: message, read or test, …}.
function payloadOf(data) {
  try {
    return data.json();
  } catch {
    return { type: 'message' };
  }
}

const words = {
  en: { message: 'You have a new message', test: 'Push reaches this browser' },
  de: { message: 'Du hast eine neue Nachricht', test: 'Push erreicht diesen Browser' },
};
const say = words[self.navigator.language.slice(0, 2)] || words.en;

function titleOf({ nick, channelName }) {
  return [nick, channelName && `#${channelName}`].filter(Boolean).join(' · ') || 'Kosmos Chat';
}

function addressOf({ team, channelName, nick }) {
  const place = channelName || (nick && `@${nick}`);
  return team && place ? `/${encodeURIComponent(team)}/${encodeURIComponent(place)}` : '/';
}

function show(payload) {
  const options = {
    body: payload.text || say[payload.type] || say.message,
    tag: payload.conversation || payload.type,
    renotify: true,
    data: { url: addressOf(payload) },
    icon: '/icons/icon-192.png',
    badge: '/icons/icon-192.png',
  };
  return self.registration.showNotification(titleOf(payload), options);
}

// Read on another screen: what this one still shows of it goes.
function takeBack({ conversation }) {
  return self.registration.getNotifications({ tag: conversation }).then((shown) => shown.forEach((note) => note.close()));
}

self.addEventListener('push', (event) => {
  const payload = payloadOf(event.data);
  event.waitUntil(payload.type === 'read' ? takeBack(payload) : show(payload));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => {
      const open = windows[0];
      return open ? open.focus().then(() => open.navigate(url.href)) : self.clients.openWindow(url.href);
    }),
  );
});
