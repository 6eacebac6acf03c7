// What the desk's pages do where a script may run. Everything works without it.
(() => {
  "use strict";

  const say = (words) => {
    const live = document.getElementById("live");
    if (live) live.textContent = words;
  };

  const show = (root) => root.querySelectorAll("[data-script]").forEach((part) => part.removeAttribute("hidden"));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(button.dataset.copied);
    } catch {
      const source = document.querySelector(button.dataset.source);
      source.closest("details")?.setAttribute("open", "");
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  });

  // After a swap the reader's place goes to what asks for it: always to a fault, to a heading or a row only when the
  // place was lost. Who types or chooses elsewhere meanwhile is left alone.
  document.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.elt;
    const asked = event.detail.requestConfig?.elt;
    const at = document.activeElement || document.body;
    const told = part.querySelector("[data-say]");
    show(part.parentElement || part);
    if (told) say(told.textContent);
    const wanted = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    const busy = at.matches("input, select, textarea") && !part.contains(at) && !asked?.contains(at);
    if (!wanted || busy) return;
    if (at === document.body || wanted.matches(".errors")) wanted.focus();
  });

  // A part that looks by itself waits while somebody is in it: in the middle of a question, or with the keyboard.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (!part.matches("[hx-trigger^=every]")) return;
    if (part.contains(document.activeElement) || part.querySelector(".sure[open]")) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-ctrl-enter]");
    if (form) form.requestSubmit();
  });

  show(document);
  const first = document.querySelector(".errors[data-focus]") || document.querySelector(".note[data-focus]");
  if (first) first.focus();
})();
