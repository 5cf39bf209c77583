// Explains a word where it stands, on hover, focus and tap; the link leads to the glossary.
(() => {
  "use strict";
  const OPEN = 200, CLOSE = 300; // milliseconds, for a pointer that passes by or comes over
  let shown = null, timer = 0, firstTap = false;

  function tipOf(link) {
    return document.getElementById(link.getAttribute("aria-describedby"));
  }

  function hide() {
    clearTimeout(timer);
    if (!shown) return;
    shown.tip.hidePopover?.();
    shown.tip.hidden = true;
    shown = null;
  }

  function place(link, tip, x) {
    // A link may be broken over two lines: the tip belongs to the one pointed at.
    const lines = [...link.getClientRects()];
    const line = lines.find((each) => x >= each.left - 1 && x <= each.right + 1) || lines[0];
    const { width, height } = tip.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const below = line.bottom + 4 + height <= innerHeight || line.top < height + 4;
    tip.style.left = `${Math.max(8, Math.min(line.left, room - width - 8)) + scrollX}px`;
    tip.style.top = `${(below ? line.bottom + 4 : line.top - height - 4) + scrollY}px`;
  }

  function show(link, x = -1) {
    clearTimeout(timer);
    if (shown?.link === link) return;
    hide();
    const tip = tipOf(link);
    if (!tip) return;
    tip.hidden = false;
    tip.showPopover?.();
    place(link, tip, x);
    shown = { link, tip };
  }

  function later(action, delay) {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  }

  for (const link of document.querySelectorAll("a.term[aria-describedby]")) {
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") later(() => show(link, event.clientX), OPEN);
    });
    link.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") later(hide, CLOSE);
    });
    link.addEventListener("pointerdown", (event) => {
      firstTap = event.pointerType === "touch" && shown?.link !== link;
    });
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
    // The first tap explains, the second leads to the glossary.
    link.addEventListener("click", (event) => {
      if (!firstTap) return;
      firstTap = false;
      event.preventDefault();
      show(link, event.clientX);
    });
  }
  for (const tip of document.querySelectorAll(".term-tip")) {
    tip.addEventListener("pointerenter", () => clearTimeout(timer));
    tip.addEventListener("pointerleave", () => later(hide, CLOSE));
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  addEventListener("pointerdown", (event) => {
    if (shown && !shown.tip.contains(event.target) && !shown.link.contains(event.target)) hide();
  });
})();
