/** What the page of a review does beyond HTML: the filter, both buttons, j and k. The page is whole without it. */
export const SCRIPT = `"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const entries = all("[data-entry]");
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const found = document.getElementById("found");
  const most = 200;
  let texts;

  // What is found is copied, and the rest is skipped by the browser rather than taken out of its layout: with 20,000 lines
  // showing them again would take many seconds.
  const copies = (hits) => {
    const places = new Map();
    for (const hit of hits) {
      const place = hit.closest("[data-place]");
      if (!places.has(place)) {
        const title = document.createElement("h2");
        title.textContent = place.dataset.place;
        places.set(place, [title, hit.parentElement.cloneNode(false)]);
      }
      places.get(place)[1].append(hit.cloneNode(true));
    }
    return [...places.values()].flat();
  };

  const apply = () => {
    texts ??= entries.map((entry) =>
      (entry.dataset.entry + " " + entry.querySelector(".address").textContent).toLowerCase());
    const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const hits = words.length === 0 ? [] : entries.filter((_, index) => words.every((word) => texts[index].includes(word)));
    found.replaceChildren(...copies(hits.slice(0, most)));
    found.hidden = words.length === 0;
    document.getElementById("all").classList.toggle("away", words.length > 0);
    const told = hits.length + " of " + entries.length + " found";
    count.textContent = words.length === 0 ? "" : hits.length > most ? told + ", the first " + most + " shown" : told;
  };

  let timer;
  filter.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      filter.value = "";
      apply();
    }
  });

  const fold = (open) => () => {
    for (const part of all("details")) if (part.closest(".away") === null) part.open = open;
  };
  document.getElementById("expand").addEventListener("click", fold(true));
  document.getElementById("collapse").addEventListener("click", fold(false));

  // Single letters act only where a line has the focus, so that they cannot surprise those who dictate.
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.activeElement.tagName !== "SUMMARY") return;
    const lines = all("summary");
    let next = lines.indexOf(document.activeElement) + step;
    while (lines[next] !== undefined && !lines[next].checkVisibility()) next += step;
    lines[next]?.focus();
  });

  if (entries.length > 0) document.getElementById("tools").hidden = false;
})();
`;
