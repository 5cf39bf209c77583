/* What style alone cannot do for readers with a keyboard or a screen reader. */
(() => {
  "use strict";

  /* A box that scrolls can be scrolled by key, and says what it is. */
  const BOXES = "pre, .cell_output > .output, .pst-scrollable-table-container, div.formula";
  const scrolls = (box) =>
    /auto|scroll/.test(getComputedStyle(box).overflow) &&
    (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight);
  const more = (box) => box.scrollWidth - box.clientWidth - box.scrollLeft > 2;
  const kind = (box) =>
    box.matches(".pst-scrollable-table-container") ? "Table"
    : box.matches("div.formula") ? "Formula"
    : box.closest(".cell_output") ? "Output"
    : "Code";
  const tell = (box, scrolling, moreToSee) => {
    if (scrolling) {
      box.tabIndex = 0;
      box.role = "group";
      box.ariaLabel = `${kind(box)} that scrolls`;
      box.onscroll = () => box.toggleAttribute("data-more", more(box));
    } else if (box.tabIndex >= 0) {
      for (const attribute of ["tabindex", "role", "aria-label"]) box.removeAttribute(attribute);
    }
    box.toggleAttribute("data-more", moreToSee);
  };
  /* First all are measured: after a change, each measure would lay out the page anew. */
  const name = (boxes) =>
    boxes.map((box) => [box, scrolls(box), more(box)]).forEach((found) => tell(...found));
  const sizes = new ResizeObserver((seen) => name(seen.map(({ target }) => target)));
  const observe = (box) => sizes.observe(box);
  document.querySelectorAll(BOXES).forEach(observe);
  /* A formula grows inside its box when its fonts come. */
  document.fonts.addEventListener("loadingdone", () => {
    document.querySelectorAll("div.formula").forEach((box) => (sizes.unobserve(box), observe(box)));
  });

  /* The button that switches colors says which are on. */
  const modes = () =>
    document.querySelectorAll(".theme-switch-button").forEach((button) => {
      button.ariaLabel = `Color mode: ${document.documentElement.dataset.mode}`;
    });
  new MutationObserver(modes).observe(document.documentElement, { attributeFilter: ["data-mode"] });
  modes();

  /* What a tooltip covers can be read after Escape. */
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape")
      document.querySelectorAll("[data-bs-toggle=tooltip]").forEach((each) => {
        window.bootstrap?.Tooltip.getInstance(each)?.hide();
      });
  });

  /* On a wide screen the button of the contents hides and shows them. */
  const toggle = document.querySelector(".primary-toggle");
  const sidebar = document.getElementById("pst-primary-sidebar");
  const told = () => {
    const wide = matchMedia("(min-width: 992px)").matches;
    toggle.ariaExpanded = wide ? String(!sidebar.classList.contains("pst-sidebar-hidden")) : null;
  };
  if (toggle && sidebar) {
    new MutationObserver(told).observe(sidebar, { attributeFilter: ["class"] });
    addEventListener("resize", told);
    told();
  }
})();
