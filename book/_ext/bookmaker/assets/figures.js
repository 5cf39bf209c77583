// A figure at the size of the window, by a button: the drawing itself moves there and back.
(() => {
  "use strict";
  const dialog = document.createElement("dialog");
  const sheet = document.createElement("div");
  const controls = document.createElement("div");
  let home = null; // Where the drawing that is shown large comes from.
  let zoom = 1;

  function button(text, label, press) {
    const made = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: text,
    });
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", press);
    return made;
  }

  // As wide as fits into the window with its height, times the zoom.
  function fit() {
    const drawing = sheet.firstElementChild;
    if (!drawing) return;
    drawing.style.width = "100%";
    const shown = [...drawing.querySelectorAll("svg")].find((svg) => svg.getClientRects().length);
    const { width, height } = shown.viewBox.baseVal;
    const room = Math.min(sheet.clientWidth - 24, ((sheet.clientHeight - 16) * width) / height);
    // A tall drawing may scroll: it is never smaller here than in the page.
    const least = Math.min(Number(shown.getAttribute("width")), sheet.clientWidth - 24);
    shown.style.width = `${Math.max(room, least) * zoom}px`;
  }

  function scale(factor) {
    zoom = Math.min(Math.max(zoom * factor, 1), 8);
    fit();
  }

  function open(drawing) {
    home = document.createElement("div");
    home.style.height = `${drawing.getBoundingClientRect().height}px`;
    drawing.replaceWith(home);
    drawing.querySelector("button").hidden = true;
    sheet.replaceChildren(drawing);
    zoom = 1;
    dialog.showModal();
    fit();
  }

  function restore() {
    const drawing = sheet.firstElementChild;
    drawing.removeAttribute("style");
    for (const svg of drawing.querySelectorAll("svg")) svg.style.removeProperty("width");
    home.replaceWith(drawing);
    const opener = drawing.querySelector("button");
    opener.hidden = false;
    opener.focus();
  }

  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", "Figure");
  sheet.className = "sheet";
  sheet.tabIndex = 0;
  sheet.setAttribute("role", "group");
  sheet.setAttribute("aria-label", "Figure, scrolls if it is larger than the window");
  controls.className = "controls";
  controls.append(
    button("−", "Smaller", () => scale(1 / 1.5)),
    button("+", "Larger", () => scale(1.5)),
    button("Close", "", () => dialog.close()),
  );
  dialog.append(controls, sheet);
  document.body.append(dialog);
  dialog.addEventListener("close", restore);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") scale(1.5);
    if (event.key === "-") scale(1 / 1.5);
  });
  window.addEventListener("resize", fit);
  for (const drawing of document.querySelectorAll(".drawing")) {
    const opener = button("Enlarge", "", () => open(drawing));
    opener.setAttribute("aria-haspopup", "dialog");
    drawing.append(opener);
  }
})();
