/** Opens the task page without signal: the network first, and what was last seen where it does not answer. */
const CACHE = "task-1";
const PATIENCE = 4000;
const OURS = [/^\/t\/[\w-]{40}$/, /^\/static\/task\//, /^\/v1\/tasks\/[\w-]{40}\/picture$/];

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(old());
});

/** The page that was here before this worker says what it is made of. */
self.addEventListener("message", (event) => event.waitUntil(Promise.all(event.data.map((path) => renewed(new Request(path)).catch(() => null)))));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === location.origin && OURS.some((path) => path.test(url.pathname));
  if (event.request.method === "GET" && ours) event.respondWith(answer(event.request));
});

async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: request.mode === "navigate" });
  if (!kept) return renewed(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([renewed(request).catch(() => kept), late]);
}

async function renewed(request) {
  const found = await fetch(request);
  const cache = await caches.open(CACHE);
  if (found.ok) await cache.put(request, found.clone());
  // A link that ended is forgotten, with all it showed.
  else if (found.status === 404 || found.status === 410) await cache.delete(request, { ignoreSearch: true });
  return found;
}
