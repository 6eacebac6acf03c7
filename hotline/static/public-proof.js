// A form that asks for a proof of work while the site is flooded: the smallest number N for which the SHA-256 of
// "challenge:N" begins with so many zero bits (hotline/rules/proof.py), looked for in slices so short that the page
// still answers. <form data-proof="challenge" data-proof-bits="16">, and in it an element [data-working][data-ready]
// that says how far it is. public.js then sends the form. Without a script the person waits for a minute instead.
(function () {
  "use strict";
  var forms = document.querySelectorAll("form[data-proof]");
  for (var at = 0; at < forms.length; at++) solve(forms[at]);

  function solve(form) {
    var bits = +form.getAttribute("data-proof-bits"); // at most 32
    var leading = hasher(form.getAttribute("data-proof") + ":");
    var line = form.querySelector("[data-working]");
    var counter = 0;

    function say(name) {
      if (line) line.textContent = line.getAttribute(name);
    }

    function slice() {
      var end = new Date().getTime() + 30;
      do {
        for (var round = 0; round < 64; round++, counter++) {
          if (!bits || leading(counter) >>> (32 - bits) === 0) return solved();
        }
      } while (new Date().getTime() < end);
      setTimeout(slice, 0);
    }

    function solved() {
      var field = form.querySelector("[name=proof]");
      if (!field) {
        field = form.appendChild(document.createElement("input"));
        field.type = "hidden";
        field.name = "proof";
      }
      field.value = counter;
      form.removeAttribute("data-proof");
      say("data-ready");
      var event = document.createEvent("Event");
      event.initEvent("proved", true, false);
      form.dispatchEvent(event);
    }

    say("data-working");
    slice();
  }

  // SHA-256 of one beginning with many ends: returns a function from the end to the first 32 bits.
  function hasher(beginning) {
    var k = [], first = [], rest, whole;
    for (var number = 2; k.length < 64; number++) {
      for (var factor = 2; number % factor; factor++);
      if (factor < number) continue;
      if (first.length < 8) first.push(fraction(Math.sqrt(number)));
      k.push(fraction(Math.pow(number, 1 / 3)));
    }
    whole = beginning.length - beginning.length % 64;
    first = blocks(first, beginning.slice(0, whole));
    rest = beginning.slice(whole);

    return function (end) {
      var text = rest + end;
      var bits = (whole + text.length) * 8;
      text += "\x80";
      while (text.length % 64 !== 56) text += "\0";
      text += "\0\0\0\0";
      text += String.fromCharCode(bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255);
      return blocks(first, text)[0];
    };

    function fraction(root) {
      return ((root - Math.floor(root)) * 4294967296) | 0;
    }

    function blocks(state, text) {
      for (var at = 0; at < text.length; at += 64) state = block(state, text, at);
      return state;
    }

    function turn(word, by) {
      return (word >>> by) | (word << (32 - by));
    }

    function block(state, text, at) {
      var w = [], s = state.slice(), i, a, b, t, u;
      for (i = 0; i < 64; i++) w[i >> 2] = (w[i >> 2] << 8) | text.charCodeAt(at + i);
      for (i = 16; i < 64; i++) {
        a = w[i - 15];
        b = w[i - 2];
        t = (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
        w[i] = (w[i - 16] + w[i - 7] + t) | 0;
      }
      for (i = 0; i < 64; i++) {
        a = s[0];
        b = s[4];
        t = (s[7] + (turn(b, 6) ^ turn(b, 11) ^ turn(b, 25)) + ((b & s[5]) ^ (~b & s[6])) + k[i] + w[i]) | 0;
        u = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(t + u) | 0, a, s[1], s[2], (s[3] + t) | 0, b, s[5], s[6]];
      }
      for (i = 0; i < 8; i++) s[i] = (s[i] + state[i]) | 0;
      return s;
    }
  }
})();
