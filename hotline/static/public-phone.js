// The opt-in page: the offline copy of the help page is made and removed here, and only when somebody presses a button.
// It is served behind public.js, in one file with it.
(function () {
  "use strict";
  var box = document.getElementById("copy");
  var workers = navigator.serviceWorker;
  var install = document.getElementById("install");
  var manifest = document.querySelector("script[data-manifest]").getAttribute("data-manifest");
  var offer = null;

  // Once the page has been drawn: manifest and picture are for who installs it, and nobody's first look waits for them.
  addEventListener("load", function () {
    setTimeout(function () {
      var link = document.createElement("link");
      link.rel = "manifest";
      link.href = manifest;
      document.head.appendChild(link);
    }, 1000);
  });

  function show(state) {
    var parts = box.querySelectorAll("[data-state]");
    for (var at = 0; at < parts.length; at++) {
      parts[at].hidden = (" " + parts[at].getAttribute("data-state") + " ").indexOf(" " + state + " ") < 0;
    }
  }

  function look() {
    return workers.getRegistrations().then(
      function (found) {
        show(found.length ? "on" : "off");
      },
      function () {
        show("none");
      }
    );
  }

  function add(scope) {
    return workers.register(box.getAttribute("data-worker"), { scope: scope }).then(function (made) {
      var worker = made.installing || made.waiting || made.active;
      return new Promise(function (done, fail) {
        function check() {
          if (worker.state === "activated") done();
          if (worker.state === "redundant") fail();
        }
        worker.addEventListener("statechange", check);
        check();
      });
    });
  }

  function remove() {
    return workers.getRegistrations().then(function (found) {
      return Promise.all(found.map(function (one) {
        return one.unregister();
      }));
    }).then(function () {
      return caches.keys();
    }).then(function (names) {
      return Promise.all(names.map(function (name) {
        return caches.delete(name);
      }));
    });
  }

  function failed() {
    show("failed");
  }

  function press(id, act) {
    document.getElementById(id).addEventListener("click", function () {
      show("busy");
      act();
    });
  }

  if (workers && window.caches) {
    press("keep", function () {
      Promise.all(box.getAttribute("data-scopes").split(" ").map(add)).then(look, function () {
        return remove().then(failed, failed);
      });
    });
    press("remove", function () {
      remove().then(look, failed);
    });
    look();
  }

  // A browser that can put this site into the share menu says so; it is asked only when the button is pressed.
  addEventListener("beforeinstallprompt", function (event) {
    event.preventDefault();
    offer = event;
    install.hidden = false;
  });
  install.addEventListener("click", function () {
    if (offer) offer.prompt();
    install.hidden = true;
  });
})();
