/* What only the day of reading can tell: the age of the last search, and which editions came since.
   Without this script the foot still gives the date, and the menu still leads to all editions. */
"use strict";

(() => {
  const MONTHS = 12; // a last search older than this is announced

  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* Show a notice above the article. */
  function notice(...content) {
    const article = document.querySelector("article.bd-article, main article, main");
    const box = make("div", { className: "lkcm-notice" }, ...content);
    box.setAttribute("role", "note");
    article?.prepend(box);
  }

  /* Whole months from a date to today. */
  function monthsSince(date) {
    const now = new Date();
    const months = 12 * (now.getFullYear() - date.getFullYear()) + now.getMonth() - date.getMonth();
    return now.getDate() < date.getDate() ? months - 1 : months;
  }

  function tellAge() {
    const printed = document.querySelector(".lkcm-edition time")?.dateTime;
    const months = printed ? monthsSince(new Date(`${printed}T00:00:00`)) : 0;
    if (months >= MONTHS) notice(`The last search behind this page is ${months} months old.`);
  }

  /* Fill the menu with links to this page, where an edition has it, else to its front page. */
  function fillMenu() {
    const menu = document.querySelector("details.lkcm-editions");
    const editions = window.LKCM_EDITIONS;
    if (!menu || !Array.isArray(editions) || !editions.length) return;
    const { edition, page } = menu.dataset;
    const root = document.documentElement.dataset.content_root || "./";
    const link = (one) => {
      const target = one.pages.includes(page) ? page : "index.html";
      return make("a", {
        href: `${root}../${one.version}/${target}`,
        textContent: `${one.version} (${one.date})`,
      });
    };
    const list = make("ul", {}, ...editions.map((one) => make("li", {}, link(one))));
    menu.querySelector("summary").after(list);
    const newest = editions[0];
    if (newest.version !== edition) {
      notice(`This is edition ${edition}. The newest is `, link(newest), ".");
    }
  }

  function start() {
    tellAge();
    fillMenu();
  }

  // deferred scripts, and with them the list of editions, have run by then
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
