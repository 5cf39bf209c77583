// Results by section, from Sphinx's index and the texts beside it, with no request at all.
(() => {
  "use strict";
  const MOST = 30, PER_PAGE = 3, BEFORE = 60, LENGTH = 220;
  if (typeof Search === "undefined" || typeof BOOK_SECTIONS === "undefined") return;
  // Sphinx asks for this constant of a script that a page may have left out.
  if (typeof SPHINX_HIGHLIGHT_ENABLED === "undefined") window.SPHINX_HIGHLIGHT_ENABLED = false;
  const pages = new Map(BOOK_SECTIONS.map(([name, title, chapter, sections]) =>
    [name, { name, title, chapter, sections }]));

  // Chapters stand above what one looks up, and that above single functions.
  Scorer.score = ([name, , , description, score]) =>
    score + (pages.get(name)?.chapter ? 1000 : description ? 0 : 500);

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  // Words that begin with a stem: "vanish" finds "vanishing", and "densiti" "density".
  function pattern(stems) {
    const escaped = stems.map((stem) =>
      stem.replace(/[^\p{L}\p{N}_]/gu, "\\$&").replace(/i$/, "[iy]"));
    return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})[\\p{L}\\p{N}_]*`, "giu");
  }

  function count(text, patterns) {
    return patterns.map((each) => Math.min(10, (text.match(each) || []).length));
  }

  // How well a section answers; 0 if it has none of the words.
  function worth([, title, prose, code], patterns) {
    const inTitle = count(title, patterns), inText = count(prose, patterns);
    const inCode = count(code, patterns);
    const found = patterns.filter((_, k) => inTitle[k] + inText[k] + inCode[k]).length;
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    return found && 100 * (found - patterns.length)
      + 25 * sum(inTitle) + 2 * sum(inText) + Math.min(3, sum(inCode));
  }

  function sectionsOf(result, patterns) {
    const [name, , anchor, description, score] = result;
    const page = pages.get(name);
    if (!page || description) {
      return [{ name, anchor, score, title: result[1], where: description || "", prose: "" }];
    }
    const valued = page.sections.map((section) => ({
      name, anchor: section[0] && `#${section[0]}`, title: section[1], prose: section[2],
      where: section[0] ? page.title : "", score: score + worth(section, patterns),
    }));
    const found = valued.filter((each) => anchor ? each.anchor === anchor : each.score !== score)
      .sort((a, b) => b.score - a.score).slice(0, PER_PAGE);
    return found.length ? found : valued.slice(0, 1);
  }

  function summary(prose, marked) {
    const at = Math.max(0, prose.search(marked));
    let from = at < BEFORE ? 0 : prose.indexOf(" ", at - BEFORE) + 1;
    let to = from + LENGTH < prose.length ? prose.lastIndexOf(" ", from + LENGTH) : prose.length;
    if (to <= from) to = prose.length;
    const shown = element("p", { className: "search-summary" });
    if (from) shown.append("… ");
    const text = prose.slice(from, to);
    let last = 0;
    for (const match of text.matchAll(marked)) {
      shown.append(text.slice(last, match.index), element("mark", { textContent: match[0] }));
      last = match.index + match[0].length;
    }
    shown.append(text.slice(last), to < prose.length ? " …" : "");
    return shown;
  }

  function shown({ name, anchor, title, where, prose }, marked) {
    const options = DOCUMENTATION_OPTIONS;
    const suffix = options.LINK_SUFFIX ?? options.FILE_SUFFIX ?? ".html";
    const href = (document.documentElement.dataset.content_root || "./") + name + suffix + anchor;
    const item = element("li", {}, element("a", { href, textContent: title }));
    if (where) item.append(element("span", { className: "search-where", textContent: where }));
    if (prose) item.append(summary(prose, marked));
    return item;
  }

  Search.query = (query) => {
    const parsed = Search._parseQuery(query);
    const stems = [...parsed[1]];
    const patterns = stems.map((stem) => pattern([stem]));
    const marked = pattern(stems.length ? stems : [" "]);
    const best = new Map();
    for (const result of Search._performSearch(...parsed).reverse()) {
      for (const each of sectionsOf(result, patterns)) {
        const key = each.name + each.anchor;
        if (!(best.get(key)?.score >= each.score)) best.set(key, each);
      }
    }
    const all = [...best.values()].sort((a, b) => b.score - a.score);
    const found = all.slice(0, MOST);
    Search.stopPulse();
    Search.title.textContent = "Results";
    Search.status.setAttribute("role", "status");
    Search.status.textContent = !found.length
      ? `Nothing was found for “${query}”. Try fewer words, or another form of them.`
      : found.length === 1 ? `1 place for “${query}”.`
      : `${all.length > MOST ? "The first " : ""}${found.length} places for “${query}”, chapters first.`;
    const list = element("ol", { className: "search-places" });
    list.append(...found.map((each) => shown(each, marked)));
    Search.output.replaceWith(list);
    Search.output = list;
  };

  // Sphinx looks only behind the "?", where `searching.js` puts nothing.
  addEventListener("DOMContentLoaded", () => {
    const words = new URLSearchParams(location.hash.slice(1)).get("q");
    if (!words) return;
    for (const field of document.querySelectorAll("input[name=q]")) field.value = words;
    Search.performSearch(words);
  });
  addEventListener("hashchange", () => location.reload());
})();
