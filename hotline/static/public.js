// What the public pages do where a script may run. Everything works without it. It keeps nothing on the phone and asks
// no other site. Plain ES5, for old phones. Every word it shows stands on the page already, in the page's language.
(function () {
  "use strict";
  var doc = document;
  var words = doc.getElementById("say"); // the live region, and what it may have to say
  var notice = doc.getElementById("offline");
  var again = doc.getElementById("again");

  function now() {
    return new Date().getTime();
  }

  function each(selector, use) {
    var found = doc.querySelectorAll(selector);
    for (var at = 0; at < found.length; at++) use(found[at]);
  }

  function say(text) {
    if (words) words.textContent = text;
  }

  // A button that says something else for a while; returns how to put its own words back.
  function relabel(button, text) {
    var own = doc.createDocumentFragment();
    while (button.firstChild) own.appendChild(button.firstChild);
    button.textContent = text;
    say(text);
    return function () {
      button.textContent = "";
      button.appendChild(own);
      say("");
    };
  }

  // Leave now: the link works by itself; this also empties the page and takes its place in the history. So does closing
  // what a code shows.
  var exit = doc.querySelector("a.exit");
  var escapes = [];

  function leave(event, to) {
    event.preventDefault();
    each("form[data-forget]", function (form) {
      if (navigator.sendBeacon) navigator.sendBeacon(form.getAttribute("action"));
    });
    each("input, textarea", function (field) {
      field.checked = false;
      field.value = field.defaultValue = "";
    });
    doc.title = "";
    doc.body.textContent = ""; // on a slow line the next site takes a while
    location.replace(to);
  }

  if (exit) {
    exit.addEventListener("click", function (event) {
      leave(event, exit.href);
    });
    doc.addEventListener("keydown", function (event) {
      if (event.keyCode !== 27 || event.repeat) return;
      escapes.push(now());
      escapes = escapes.slice(-3);
      if (escapes.length === 3 && escapes[2] - escapes[0] <= 2000) leave(event, exit.href);
    }, true);
  }

  // What a code shows is the answer to a form, and a browser that comes back to it would send the code again: its place
  // in the history becomes that of the same address, opened anew.
  if (doc.querySelector("[data-anew]") && history.replaceState) history.replaceState(null, "", location.href);

  // Sending: once, and only where there is a network; otherwise the page stays, with every word.
  var pressed = null; // for browsers that do not name the submitter
  var sending = null; // the form on its way
  var letPass = false;
  var waited = false;
  var restore = null;
  var patience = 0;

  function rest() {
    clearTimeout(patience);
    if (restore) restore();
    restore = sending = null;
  }

  function start(form, button, shown, unasked) {
    rest();
    sending = form;
    if (shown && words) restore = relabel(shown, words.getAttribute("data-sending"));
    patience = setTimeout(rest, 20000);
    if (form.hasAttribute("data-proof") && !waited) {
      waited = true;
      return; // goes when the proof is there, or when it is pressed once more
    }
    if (navigator.onLine === false) lost(form, button);
    else if (unasked) go(form, button);
    else ask(form, button);
  }

  function ask(form, button) {
    var probe = new XMLHttpRequest();
    probe.open("HEAD", "/healthz");
    probe.timeout = 12000;
    probe.onload = function () {
      if (sending === form) go(form, button);
    };
    probe.onerror = function () {
      lost(form, button);
    };
    // No answer may be a network that swallows the question: who asks again is sent without one.
    probe.ontimeout = function () {
      lost(form, button, true);
    };
    probe.send();
  }

  function go(form, button) {
    letPass = true;
    if (button) button.click(); // so that its name and value go too
    else HTMLFormElement.prototype.submit.call(form);
    letPass = false;
  }

  function lost(form, button, unasked) {
    rest();
    if (!notice) return go(form, button);
    again.hidden = false;
    again.onclick = function () {
      if (!sending) start(form, button, again, unasked);
    };
    tell(form, button);
    notice.focus();
  }

  // The notice stands right behind the part of the form that is being filled in.
  function tell(form, near) {
    while (near && near.parentNode !== form) near = near.parentNode;
    form.insertBefore(notice, near && near.nextSibling);
    notice.hidden = false;
  }

  function back(is) {
    each("[data-back]", function (line) {
      line.hidden = !is;
      if (is && !notice.hidden) say(line.textContent);
    });
  }

  each("[type=submit]", function (button) {
    button.addEventListener("click", function () {
      pressed = button;
    });
  });

  doc.addEventListener("submit", function (event) {
    var form = event.target;
    var button = event.submitter || pressed;
    pressed = null;
    if (form.hasAttribute("data-close")) return leave(event, form.getAttribute("data-close"));
    if (letPass || form.getAttribute("method") !== "post") return;
    // A button in another language is the language switch: it sends nothing. Opera Mini's pages do not wait for answers.
    if ((button && button.hasAttribute("lang")) || window.operamini) return;
    if (!sending) start(form, button, button);
    event.preventDefault(); // last: what fails above leaves the form to the browser
  });

  addEventListener("pageshow", function (event) {
    if (event.persisted) rest();
  });
  addEventListener("offline", function () {
    var typing = doc.activeElement;
    var field = null;
    back(false);
    each("form textarea, form [type=text]", function (one) {
      if (one.value && (!field || one === typing)) field = one;
    });
    if (notice && field) tell(field.form, typing && typing.form === field.form ? typing : field);
  });
  addEventListener("online", function () {
    if (notice) back(true);
  });

  // A form that had to find a proof of work (public-proof.js) has it: it goes by itself, unless the person is at work.
  doc.addEventListener("proved", function (event) {
    var form = event.target;
    var button = form.querySelector("[type=submit]");
    var field = doc.activeElement;
    if (sending === form || !(field && field.form)) start(form, button, button);
  });

  // The receipt: buttons that only a script can serve.
  each("[data-copy]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var source = doc.getElementById(button.getAttribute("data-copy"));
      function done() {
        if (button.getAttribute("aria-disabled")) return;
        var undo = relabel(button, button.getAttribute("data-done"));
        button.setAttribute("aria-disabled", "true");
        setTimeout(function () {
          button.removeAttribute("aria-disabled");
          undo();
        }, 4000);
      }
      function select() {
        var range = doc.createRange();
        range.selectNodeContents(source);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        if (doc.execCommand("copy")) done();
      }
      if (navigator.clipboard) navigator.clipboard.writeText(source.textContent).then(done, select);
      else select();
    });
  });
  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      print();
    });
  });

  // After a form that was not taken, the reader's place is the summary.
  var errors = doc.getElementById("errors");
  if (errors) errors.focus();
})();
