
"use strict";
// Only what no other means can do: the filter, the keys, and the colours kept for the next visit.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const findings = all(".finding");
  const input = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");

  const themes = all("input[name=theme]");
  const stored = {
    get: () => { try { return localStorage.getItem("praxis-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("praxis-theme", value); } catch { /* not kept */ } },
  };
  for (const theme of themes) {
    if (theme.value === stored.get()) theme.checked = true;
    theme.addEventListener("change", () => stored.set(theme.value));
  }

  const openAround = (place) => {
    for (let at = place; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const inner = place && place.querySelector(":scope > details");
    if (inner) inner.open = true;
  };
  const follow = () => openAround(document.getElementById(location.hash.slice(1)));
  addEventListener("hashchange", follow);
  follow();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((each) => { each.open = false; }));
  if (!input || !findings.length) return;

  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const head = finding.querySelector(".head").textContent;
      texts.set(finding, `${head} ${finding.dataset.more}`.toLowerCase());
    }
    return texts.get(finding);
  };
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const finding of findings) {
      finding.hidden = !words.every((word) => textOf(finding).includes(word));
      if (!finding.hidden) count += 1;
    }
    for (const app of all(".app")) app.hidden = !app.querySelector(".finding:not([hidden])");
    shown.textContent = words.length ? `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")}` : "";
    none.textContent = count ? "" : "No finding has these words.";
  };
  let waiting = 0;
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
  all("[data-filter]").forEach((link) => link.addEventListener("click", () => {
    input.value = input.value === link.dataset.filter ? "" : link.dataset.filter;
    filter();
  }));
  all(".search[hidden], .keys[hidden]").forEach((each) => { each.hidden = false; });
  if (input.value) filter();

  let current = null;
  const visible = () => findings.filter((each) => !each.hidden && getComputedStyle(each).display !== "none");
  const go = (by) => {
    const list = visible();
    if (!list.length) return;
    const at = list.indexOf(current);
    const next = list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)];
    if (current) current.classList.remove("current");
    current = next;
    current.classList.add("current");
    current.scrollIntoView({ block: "nearest" });
    const summary = current.querySelector("summary");
    if (summary) summary.focus({ preventScroll: true });
  };
  const toggle = (list) => {
    const open = list.some((each) => !each.open);
    list.forEach((each) => { each.open = open; });
  };
  const keys = {
    "/": () => { input.focus(); input.select(); },
    j: () => go(1),
    k: () => go(-1),
    o: () => { if (current) toggle(all(":scope > details", current)); },
    a: () => toggle(visible().flatMap((each) => all(":scope > details", each))),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === input) {
      if (event.key === "Escape") { input.value = ""; filter(); input.blur(); }
      return;
    }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
