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

function noteOf(data) {
  try {
    return data ? data.json() : {};
  } catch {
    return { body: data.text() };
  }
}

self.addEventListener('push', (event) => {
  const note = noteOf(event.data);
  const options = {
    body: note.body || '',
    tag: note.tag || 'kosmos',
    data: { url: note.url || '/' },
    icon: '/icons/icon-192.png',
    badge: '/icons/icon-192.png',
  };
  event.waitUntil(self.registration.showNotification(note.title || 'Kosmos Chat', options));
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
