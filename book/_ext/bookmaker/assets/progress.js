// Where a reader is: the section on this page, and which pages were read to the end, which is
// kept in this browser only and forgotten on demand.
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

  // The section that begins above the upper third of the window. Only the sections of the
  // first level are measured, and those within the one that is read: all others may not have
  // been laid out, and measuring would do that.
  function follow() {
    const nav = document.getElementById("pst-page-toc-nav");
    const links = nav ? [...nav.querySelectorAll("a[href^='#']")] : [];
    const places = new Map(links.map((link) => [document.getElementById(link.hash.slice(1)), link]));
    places.delete(null);
    const within = (outer) => [...places.keys()].filter((section) => {
      const around = section.parentElement.closest("section");
      return outer ? around === outer : !places.has(around);
    });
    const deepest = (outer) => {
      const begun = within(outer).filter((s) => s.getBoundingClientRect().top < innerHeight / 3);
      return begun.length ? deepest(begun[begun.length - 1]) : outer;
    };
    const list = nav && nav.closest(".bd-sidebar-secondary");
    let waiting = false;
    function tell() {
      waiting = false;
      const now = places.get(deepest(null));
      const frame = list.getBoundingClientRect();
      const entry = now ? now.getBoundingClientRect() : frame;
      for (const link of links) {
        link.classList.toggle("active", link === now);
        link.ariaCurrent = link === now ? "true" : null;
      }
      for (const item of nav.querySelectorAll(".toc-entry")) {
        item.classList.toggle("active", Boolean(now) && item.contains(now));
      }
      // Long contents follow, so that the place where one is stays in sight.
      if (entry.top < frame.top || entry.bottom > frame.bottom) {
        list.scrollTop += entry.top - frame.top - frame.height / 3;
      }
    }
    // Observers of sizes are called right after a layout, when to ask costs nothing.
    const laidOut = new ResizeObserver(() => {
      laidOut.disconnect();
      tell();
    });
    function soon() {
      if (!waiting) laidOut.observe(document.body);
      waiting = true;
    }
    if (!places.size) return;
    addEventListener("scroll", soon, { passive: true });
    addEventListener("load", soon);
  }

  show();
  follow();
  const end = document.querySelector(".prev-next-footer");
  if (end && here !== "index") watch(end);
  addEventListener("storage", (event) => {
    if (event.key === KEY) {
      read = load();
      show();
    }
  });
})();
