// What a reader looks for stands behind the "#" of the address of the results, where browsers
// keep it for themselves; behind a "?" it would be sent to the host.
addEventListener("submit", (event) => {
  const words = event.target.elements.q;
  if (!words) return;
  event.preventDefault();
  const results = new URL(event.target.action);
  results.search = "";
  results.hash = `q=${encodeURIComponent(words.value)}`;
  location.assign(results);
});
