// Questions that commit the reader: what was picked is kept in this browser only.
(() => {
  "use strict";
  const KEY = "dlglimpse-answers";

  function load() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return {}; // Private windows and some addresses of files keep nothing.
    }
  }

  function save(answers) {
    try {
      localStorage.setItem(KEY, JSON.stringify(answers));
    } catch {
      // Then the answer lasts as long as the page.
    }
  }

  const answers = load();

  function keep(slug, answer) {
    // Another window may have kept or forgotten some since this page was opened.
    save({ ...load(), [slug]: answer });
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  // ---- choices ------------------------------------------------------------

  function showChoice(question, letter) {
    const picked = question.querySelector(`.choice[data-choice="${letter}"]`);
    if (!picked) return;
    const right = "right" in picked.dataset;
    question.dataset.answered = right ? "right" : "wrong";
    picked.classList.add("picked");
    picked.open = true;
    question.querySelector(".question-answer").textContent = right
      ? `You said ${letter}, and that is right.`
      : `You said ${letter}, and it is not so. Open the others to see what is said of them.`;
  }

  function setUpChoices(question) {
    const slug = question.dataset.question;
    for (const choice of question.querySelectorAll(".choice")) {
      choice.addEventListener("toggle", () => {
        if (choice.open && !question.dataset.answered) {
          keep(slug, choice.dataset.choice);
          showChoice(question, choice.dataset.choice);
        }
      });
    }
    if (answers[slug]) showChoice(question, answers[slug]);
  }

  // ---- numbers ------------------------------------------------------------

  // "0.5", "0,5", "5 %", "1e-3", "2 x 10^-3", "1/4"; NaN for anything else.
  function read(text, unit) {
    const plain = text.trim().replace(/\s+/g, "").replace(",", ".").replace(/−/g, "-");
    const percent = plain.endsWith("%");
    let bare = percent ? plain.slice(0, -1) : plain;
    bare = bare.replace(/[x×*·]?10\^?\(?(-?\d+)\)?$/i, (all, power, at) =>
      at === 0 ? (all.includes("^") ? `1e${power}` : all) : /^[x×*·]/i.test(all) ? `e${power}` : all);
    const parts = bare.split("/");
    if (parts.some((part) => part === "")) return NaN;
    const value = parts.length === 2 ? Number(parts[0]) / Number(parts[1])
      : parts.length === 1 ? Number(bare) : NaN;
    return percent && unit !== "%" ? value / 100 : value;
  }

  const SVG = "http://www.w3.org/2000/svg";

  function drawn(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  // A word at its mark, inside the picture also where the mark is at an end of it.
  function labeled(x, y, text) {
    const [anchor, at] = x < 130 ? ["start", 0] : x > 270 ? ["end", 400] : ["middle", x];
    return drawn("text", { x: at, y, "text-anchor": anchor }, text);
  }

  // The guess beside the band on one axis, logarithmic where they are far apart.
  function picture(guess, { low, median, high }, words) {
    const log = low > 0 && guess > 0 && Math.max(high, guess) / Math.min(low, guess) > 20;
    const scale = log ? Math.log10 : Number;
    const [from, to] = [Math.min(low, guess), Math.max(high, guess)].map(scale);
    const x = (value) => 20 + 360 * (to > from ? (scale(value) - from) / (to - from) : 0.5);
    const svg = drawn("svg", { viewBox: "0 0 400 70", role: "img", class: "guess-picture" });
    svg.append(
      drawn("title", {}, words),
      drawn("line", { x1: 10, x2: 390, y1: 40, y2: 40, class: "axis" }),
      drawn("rect", { x: x(low), width: Math.max(2, x(high) - x(low)), y: 33, height: 14, class: "band" }),
      drawn("line", { x1: x(median), x2: x(median), y1: 30, y2: 50, class: "median" }),
      drawn("path", { d: `M${x(guess)} 30 l-6 -10 h12 z`, class: "guess" }),
      labeled(x(guess), 14, "your guess"),
      labeled(x(median), 63, log ? "measured (logarithmic axis)" : "measured"),
    );
    return svg;
  }

  function showGuess(question, typed) {
    const result = question.querySelector(".measured");
    const band = { unit: result.dataset.unit };
    for (const key of ["low", "median", "high"]) band[key] = Number(result.dataset[key]);
    const guess = read(typed, band.unit);
    const answer = question.querySelector(".question-answer");
    if (!Number.isFinite(guess)) {
      answer.textContent = `“${typed}” could not be read as a number: try 0.5, 5 %, 1/4 or 1e-3.`;
      return false;
    }
    const where = guess < band.low ? "below" : guess > band.high ? "above" : "within";
    const place = { below: "below the band", within: "in the band", above: "above the band" }[where];
    const measured = question.querySelector(".measured-band").textContent;
    const words = `You said ${typed}; measured was ${measured}. Your guess is ${place}.`;
    question.dataset.answered = where;
    question.querySelector(".guess-picture")?.remove();
    result.open = true;
    result.querySelector(".measured-band").before(picture(guess, band, words));
    for (const remark of result.querySelectorAll(".remarks > div")) {
      remark.classList.toggle("picked", remark.dataset.where === where);
    }
    answer.textContent = words;
    return true;
  }

  function setUpGuess(question) {
    const slug = question.dataset.question;
    const input = element("input", {
      type: "text", id: `${question.id}-guess`, autocomplete: "off", inputMode: "text", size: 10,
    });
    const form = element("form", { className: "guess-form" });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = input.value.trim();
      if (showGuess(question, typed)) keep(slug, typed);
    });
    question.querySelector(".measured").before(form);
    // A browser that looks for something to fill in lays out every section that has a field,
    // so the field comes with the reader.
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      if (!isIntersecting) return;
      observer.disconnect();
      input.value = load()[slug] || "";
      form.append(
        element("label", { htmlFor: input.id, textContent: "Your guess" }), input,
        element("button", { type: "submit", textContent: "Compare" }),
      );
    }, { rootMargin: "100%" }).observe(form);
    if (answers[slug]) showGuess(question, answers[slug]);
  }

  // ---- forgetting, and paper ----------------------------------------------

  function setUpForgetting(last) {
    const told = element("span", { role: "status" });
    const button = element("button", { type: "button", textContent: "Forget my answers" });
    button.addEventListener("click", () => {
      try {
        localStorage.removeItem(KEY);
      } catch {
        // Nothing was kept.
      }
      for (const question of document.querySelectorAll(".question")) {
        delete question.dataset.answered;
        question.querySelector(".question-answer").textContent = "";
        question.querySelector(".guess-picture")?.remove();
        for (const picked of question.querySelectorAll(".picked")) picked.classList.remove("picked");
        for (const folded of question.querySelectorAll("details")) folded.open = false;
        question.querySelector("form")?.reset();
      }
      told.textContent = "Forgotten, on all pages.";
    });
    const note = "What you answer stays in this browser. ";
    last.after(element("p", { className: "question-forget" }, note, button, " ", told));
  }

  function setUpPrint() {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll(".question details:not([open])")];
      for (const each of folded) each.dataset.printing = "";
      // Opening for paper is no answer.
      for (const each of folded) each.closest(".question").dataset.answered ||= "printing";
      for (const each of folded) each.open = true;
    });
    addEventListener("afterprint", () => {
      for (const each of folded) each.open = false;
      // The events of opening come later than this one.
      setTimeout(() => {
        for (const question of document.querySelectorAll('.question[data-answered="printing"]')) {
          delete question.dataset.answered;
        }
      });
    });
  }

  const questions = [...document.querySelectorAll(".question")];
  if (!questions.length) return;
  for (const question of questions) {
    (question.dataset.kind === "guess" ? setUpGuess : setUpChoices)(question);
  }
  setUpForgetting(questions[questions.length - 1]);
  setUpPrint();
})();
