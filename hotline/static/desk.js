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

  // Where one is stands in sight, however long the rail is; on a phone its list scrolls within itself.
  const entry = document.querySelector(".rail [aria-current]");
  document.querySelectorAll(".rail, .rail nav").forEach((box) => {
    const below = entry ? entry.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom : 0;
    if (below > 0) box.scrollTop += below + box.clientHeight / 3;
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

  // Rows that open in place: the second press closes them again, and each says how it stands. While an answer is on its
  // way a press does nothing.
  const underWay = new WeakSet();
  const peekOf = (link) => {
    const next = link.closest("tr").nextElementSibling;
    return next?.matches(".peek") ? next : null;
  };
  const tellPeeks = () => {
    for (const link of document.querySelectorAll("[data-peek]")) link.setAttribute("aria-expanded", !!peekOf(link));
  };
  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest("[data-peek], [data-claim]");
    if (!pressed || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = pressed.dataset.claim ? document.querySelector(pressed.dataset.claim) : pressed.closest("tr");
    if (!row) return;
    event.preventDefault();
    if (underWay.has(pressed)) return;
    const ask = async (verb, address, swap) => {
      underWay.add(pressed);
      try {
        await htmx.ajax(verb, address, { source: pressed, target: row, swap });
      } finally {
        underWay.delete(pressed);
      }
    };
    if (pressed.matches("[data-claim]")) {
      const peek = pressed.closest(".peek");
      await ask("POST", pressed.getAttribute("formaction"), "outerHTML");
      if (!peek || document.contains(row)) return;
      peek.remove();
      document.querySelector(`${pressed.dataset.claim} [data-focus]`)?.focus();
    } else if (!peekOf(pressed)) ask("GET", `${pressed.pathname}/peek${pressed.search}`, "afterend");
    else {
      peekOf(pressed).remove();
      tellPeeks();
    }
  });
  document.addEventListener("htmx:afterSwap", tellPeeks);

  // What was done with a row is said, and stands beside the rows until it is put away or something else is done.
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const told = event.target.querySelector("[data-say]");
    if (told) say(told.textContent);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-away]");
    if (!button) return;
    document.querySelector(button.dataset.away)?.focus();
    button.parentElement.remove();
  });

  // What is selected is counted; what stands around the rows follows the filter in the address.
  const boxes = () => [...document.querySelectorAll("[name=item][form=several]")];
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-all]")) boxes().forEach((one) => (one.checked = box.checked));
    if (!box.matches("[data-all], [form=several]")) return;
    const told = document.querySelector("[data-selected]");
    told.textContent = told.dataset.selected.replace("#", boxes().filter((one) => one.checked).length);
    say(told.textContent);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[name=item][form=several]")) event.preventDefault();
  });
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const asked = (address) => [...new URL(address).searchParams].filter(([, value]) => value).sort().join();
    for (const tab of document.querySelectorAll(".tabs a")) {
      if (asked(tab.href) === asked(location.href)) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    const order = document.querySelector("select[name=sort]");
    if (order) order.value = new URL(location).searchParams.get("sort") || "";
    for (const form of document.querySelectorAll("form[data-follows]")) {
      form.action = form.action.split("?")[0] + location.search;
    }
  });

  // Single keys, where the person wants them: never in a field, never with another key held down.
  const rows = () => [...document.querySelectorAll("[data-keys] tbody tr:not(.peek)")];
  const here = () => document.activeElement.closest?.("[data-keys] tr:not(.peek)") || document.querySelector("tr.at");
  const stand = (row) => {
    if (!row) return;
    document.querySelectorAll("tr.at").forEach((one) => one.classList.remove("at"));
    row.classList.add("at");
    row.querySelector("[data-focus]").focus();
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(here());
    stand(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
  };
  const press = (what) => (here() ? here().querySelector(what) : null)?.click();
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    o: () => press("[data-peek]"),
    c: () => press("[data-claim]"),
    x: () => press("[name=item]"),
    "/": () => document.getElementById("find").focus(),
    n: () => document.getElementById("next").click(),
    "?": () => document.getElementById("keys").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]), select, textarea") || event.target.isContentEditable;
    const held = event.ctrlKey || event.altKey || event.metaKey || event.repeat && !"jk".includes(event.key);
    if (typing || held || !Object.hasOwn(KEYS, event.key)) return;
    if (!document.querySelector("[data-keys]") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-keys] tbody tr:not(.peek)");
    document.querySelectorAll("tr.at").forEach((one) => one.classList.toggle("at", one === row));
    row?.classList.add("at");
  });
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("dialog").close());

  // A part that looks by itself says so: nobody is at work because of it, and a session that was left runs out.
  const looksByItself = (part) => part.matches("[hx-trigger^=every]");
  const BY_ITSELF = { "X-By-Itself": "yes" };
  document.addEventListener("htmx:configRequest", (event) => {
    if (looksByItself(event.detail.elt)) Object.assign(event.detail.headers, BY_ITSELF);
  });

  // It waits while somebody is in it: in the middle of a question, or with the keyboard.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (!looksByItself(part)) return;
    if (part.contains(document.activeElement) || part.querySelector(".sure[open]")) event.preventDefault();
  });

  // While a look is handed in its draft is kept no more: it would come too late, and be refused.
  const handedIn = new WeakSet();
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (part.matches("form.long")) handedIn.add(part);
    else if (part.matches("[data-draft]") && handedIn.has(part.closest("form"))) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => handedIn.delete(event.detail.elt));

  // The desk cannot be reached: the page stays as it is and says so, and asks every ten seconds. Once the desk answers,
  // the drafts that were not saved are sent again. A proxy answers for a desk that is away with 502 or 504.
  const away = document.getElementById("away");
  const unsaved = new Set();
  let next = 0;
  let reached = false; // the desk answers although the browser knows of no network: they are on one machine
  const lost = (part) => {
    reached = false;
    const draft = part?.closest("form")?.querySelector("[data-draft]");
    if (draft) unsaved.add(draft);
    if (!away?.hidden) return;
    away.hidden = false;
    away.querySelector("[data-of-draft]").hidden = !document.querySelector("[data-draft]");
    say(away.innerText);
    next = setTimeout(askAgain, 10000);
  };
  const askAgain = async () => {
    clearTimeout(next);
    const limits = { cache: "no-store", headers: BY_ITSELF, signal: AbortSignal.timeout(9000) };
    const answer = await fetch(away.dataset.asks, limits).catch(() => null);
    clearTimeout(next);
    reached = Boolean(answer?.ok);
    if (!reached) next = setTimeout(askAgain, 10000);
    else if (!away.hidden) {
      away.hidden = true;
      say(away.dataset.back);
      for (const draft of unsaved) if (document.contains(draft)) htmx.trigger(draft.closest("form"), "change");
      unsaved.clear();
    }
  };
  document.addEventListener("htmx:sendError", (event) => lost(event.detail.elt));

  // No answer for long: either the desk is away, or it answers and this one deed takes longer, and may be done already.
  // What looks by itself looks again; a draft is sent once more.
  const slow = document.getElementById("slow");
  document.addEventListener("htmx:timeout", async ({ detail: { elt } }) => {
    const limits = { cache: "no-store", headers: BY_ITSELF, signal: AbortSignal.timeout(9000) };
    const answer = slow && (await fetch(away.dataset.asks, limits).catch(() => null));
    if (!answer?.ok) lost(elt);
    else if (elt.matches("[data-draft]")) htmx.trigger(elt.closest("form"), "change");
    else if (!looksByItself(elt)) {
      slow.hidden = false;
      say(slow.innerText);
      slow.focus();
    }
  });
  slow?.querySelector("[data-reload]")?.addEventListener("click", () => location.reload());
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (![502, 504].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = false;
    lost(event.detail.requestConfig.elt);
  });
  addEventListener("offline", () => lost());
  addEventListener("online", () => away && askAgain());
  // As long as it is away no form leaves the page: the browser's own page of fault would take its place.
  document.addEventListener("submit", (event) => {
    const stays = [event.target, event.submitter].some((one) => one?.matches("[hx-post], [hx-get]"));
    if (stays || !away || away.hidden && (navigator.onLine !== false || reached)) return;
    event.preventDefault();
    lost(event.target);
    away.focus();
    askAgain();
  });

  // 1 to 5 choose the class of a look; never in a field.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !/^[1-5]$/.test(event.key)) return;
    document.querySelector(`[data-class-keys] [data-key="${event.key}"]`)?.click();
  });

  // A fold opens once an answer needs what is in it, and a link into one opens it. None closes by itself.
  document.addEventListener("change", (event) => {
    const answer = `${event.target.name}=${event.target.value}`;
    for (const fold of event.target.form?.querySelectorAll("[data-opens]") || []) {
      if (fold.dataset.opens.split(" ").includes(answer)) fold.open = true;
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    document.getElementById(link?.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  });

  // A letter presses what is marked with it: the next item, the safe link.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
    const held = event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (typing || held || !/^[a-z]$/i.test(event.key) || document.querySelector("dialog[open]")) return;
    document.querySelector(`[data-press=${event.key.toLowerCase()}]`)?.click();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-ctrl-enter]");
    if (form) form.requestSubmit();
  });

  // What the skip link leaves in the address would go with a form to its answer, and take the focus from what that says.
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(event.currentTarget.hash).focus();
  });

  show(document);
  tellPeeks();
  const first = document.querySelector(".errors[data-focus]") || document.querySelector(".note[data-focus]");
  if (first) first.focus();
})();
