// Paper has the light theme and nothing folded; the screen is as before when that is done.
(() => {
  const page = document.documentElement;
  let theme = null;
  let opened = [];
  addEventListener("beforeprint", () => {
    if (theme !== null) return;
    theme = page.dataset.theme || "";
    page.dataset.theme = "light";
    opened = [...document.querySelectorAll("article details:not([open])")];
    for (const folded of opened) folded.open = true;
  });
  addEventListener("afterprint", () => {
    if (theme === null) return;
    page.dataset.theme = theme;
    theme = null;
    for (const folded of opened) folded.open = false;
  });
})();
