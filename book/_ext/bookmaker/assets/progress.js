// Which pages were read to the end: kept in this browser only, and forgotten on demand.
(() => {
  "use strict";
  const KEY = "dlglimpse-read";
  const STAY = 1500; // milliseconds that the end of a page must be in sight
  const LINKS = ".bd-sidenav a, article dl > dt a, .chapter-map a";

  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return []; // Private windows and some addresses of files keep nothing.
    }
  }

  function save(pages) {
    try {
      if (pages.length) localStorage.setItem(KEY, JSON.stringify(pages));
      else localStorage.removeItem(KEY);
    } catch {
      // Then the marks last as long as the page.
    }
  }

  const nameOf = (path) => path.split("/").pop().replace(/\.html$/, "");
  const here = nameOf(location.pathname);
  const chapters = new Set([...document.querySelectorAll("a[data-chapter]")]
    .map((link) => nameOf(link.pathname)));
  let read = load();

  function mark(link) {
    const wanted = read.includes(nameOf(link.pathname)) && !link.hash.slice(1);
    const there = link.querySelector(".read-mark");
    if (there && !wanted) there.remove();
    if (there || !wanted) return;
    const made = document.createElement("span");
    made.className = "read-mark";
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", "read");
    made.textContent = "✓";
    link.append(" ", made);
  }

  function summary(after) {
    const box = document.createElement("p");
    box.className = "read-summary";
    box.hidden = true;
    const words = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Forget";
    button.setAttribute("aria-label", "Forget which pages I have read");
    button.addEventListener("click", () => {
      read = [];
      save(read);
      words.setAttribute("role", "status");
      show();
      words.textContent = "Forgotten.";
      box.hidden = false;
      button.hidden = true;
    });
    box.append(words, " ", button);
    after.after(box);
    return () => {
      const done = [...chapters].filter((name) => read.includes(name)).length;
      box.hidden = !read.length;
      button.hidden = false;
      words.textContent = `${done} of ${chapters.size} chapters read to the end. `
        + "Only this browser knows.";
    };
  }

  const lists = document.querySelectorAll(".bd-docs-nav ul.bd-sidenav");
  const places = [lists[lists.length - 1]];
  const mapped = [...document.querySelectorAll("article a")]
    .find((link) => link.closest("dt, .chapter-map") && chapters.has(nameOf(link.pathname)));
  if (here === "index" && mapped) places.push(mapped.closest("dl, .chapter-map"));
  const summaries = places.filter(Boolean).map(summary);

  function show() {
    document.querySelectorAll(LINKS).forEach(mark);
    for (const tell of summaries) tell();
  }

  function watch(end) {
    let timer = 0;
    new IntersectionObserver(([seen], observer) => {
      clearTimeout(timer);
      if (!seen.isIntersecting) return;
      timer = setTimeout(() => {
        // Another window may have read or forgotten some since.
        read = load();
        if (!read.includes(here)) save((read = [...read, here]));
        observer.disconnect();
        show();
      }, STAY);
    }).observe(end);
  }

  show();
  const end = document.querySelector(".prev-next-footer");
  if (end && here !== "index") watch(end);
  addEventListener("storage", (event) => {
    if (event.key === KEY) {
      read = load();
      show();
    }
  });
})();
