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
      const range = document.createRange();
      range.selectNodeContents(document.querySelector(button.dataset.source));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  });

  // After a swap the reader's place goes to what asks for it: a fault, or a heading.
  document.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.elt;
    show(part.parentElement || part);
    const wanted = part.matches("[data-focus]") ? part : part.querySelector("[data-focus]");
    if (wanted) wanted.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-ctrl-enter]");
    if (form) form.requestSubmit();
  });

  show(document);
  const fault = document.querySelector(".errors[data-focus]");
  if (fault) fault.focus();
})();
