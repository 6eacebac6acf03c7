// The offline copy of the help page, for those who asked for it (/<lang>/phone). One worker for each language, registered
// for that page alone, so it never sees another one. It keeps the page as anybody gets it, without cookies, and the
// page's script, so that the form on it loses no word where there is no network.
"use strict";
var NAME = "help";
var PAGE = new URL(self.registration.scope).pathname;
var SCRIPT = "/site.js";
var DAY = 24 * 60 * 60 * 1000;
var PATIENCE = 8000;

function keep() {
  return caches.open(NAME).then(function (copies) {
    return Promise.all([PAGE, SCRIPT].map(function (path) {
      return fetch(path, { cache: "no-store", credentials: "omit", redirect: "error" }).then(function (answer) {
        if (!answer.ok) throw new Error("no copy");
        return copies.put(path, answer);
      });
    }));
  });
}

function kept(path) {
  return caches.open(NAME).then(function (copies) {
    return copies.match(path);
  });
}

function refresh() {
  return kept(PAGE).then(function (copy) {
    if (!copy || !(Date.now() - Date.parse(copy.headers.get("Date")) < DAY)) return keep();
  });
}

// The network first; the copy when there is none, or when it takes too long.
function answer(fresh, path) {
  var late = new Promise(function (give) {
    setTimeout(give, PATIENCE);
  });
  return Promise.race([fresh, late]).catch(function () {}).then(function (found) {
    return found || kept(path).then(function (copy) {
      return copy || fresh;
    });
  });
}

self.addEventListener("install", function (event) {
  event.waitUntil(keep());
});

self.addEventListener("fetch", function (event) {
  var asked = event.request;
  var path = new URL(asked.url).pathname;
  if (asked.method !== "GET" || !(path === SCRIPT || (path === PAGE && asked.mode === "navigate"))) return;
  var fresh = fetch(asked);
  event.respondWith(answer(fresh, path));
  if (path === PAGE) event.waitUntil(fresh.then(refresh).catch(function () {}));
});
