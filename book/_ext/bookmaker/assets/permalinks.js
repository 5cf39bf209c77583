// A click on a # puts the place into the address bar, as links do, and copies the address.
(() => {
  "use strict";
  const told = document.createElement("span");
  told.className = "copied-word";
  told.setAttribute("role", "status");
  document.body.append(told);

  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a.headerlink");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      return; // The address bar has it in any case.
    }
    told.textContent = "";
    link.dataset.copied = "";
    setTimeout(() => (told.textContent = "Link copied"), 50);
    setTimeout(() => {
      delete link.dataset.copied;
      told.textContent = "";
    }, 2500);
  });
})();
