/* Sorting, filters and a live count for the tables of a page. Without this script they are plain
   tables. Sorting is stable, so that sorting by a second column keeps the first within ties. */
"use strict";

(() => {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* The value by which a cell sorts: a number, its text, or null when nothing is stated. */
  function sortValue(cell) {
    const value = cell.dataset.sort ?? cell.textContent.trim();
    if (value === "" || cell.querySelector(".lkcm-missing")) return null;
    return cell.classList.contains("lkcm-num") ? Number(value) : value;
  }

  function compare(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
  }

  /* Sort rows by one column; what is not stated comes last in both directions. */
  function sortRows(body, rows, index, sign) {
    const keyed = rows.map((row) => ({ row, key: sortValue(row.cells[index]) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return sign * compare(a.key, b.key);
    });
    rows.splice(0, rows.length, ...keyed.map((item) => item.row));
    body.append(...rows);
  }

  /* Turn the headings into buttons. */
  function addSorting(table, rows) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, index) => {
      const button = make("button", { type: "button", className: "lkcm-sort" }, ...head.childNodes);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sortRows(table.tBodies[0], rows, index, down ? -1 : 1);
      });
      head.append(button);
    });
  }

  /* Make the choice of one column's values. */
  function choice(head, index, rows) {
    const values = [...new Set(rows.map((row) => row.cells[index].textContent.trim()))];
    const select = make("select", {}, make("option", { value: "" }, "all"));
    values.sort(collator.compare).forEach((value) => select.append(make("option", { value }, value)));
    select.dataset.column = index;
    return make("label", { className: "lkcm-choice" }, make("span", {}, head.textContent), select);
  }

  /* Put the filters above the table and the live count beside them. */
  function addFilters(block, table, rows) {
    const heads = [...table.tHead.rows[0].cells];
    const choices = heads.flatMap((head, index) =>
      "choice" in head.dataset ? [choice(head, index, rows)] : [],
    );
    const search = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const parts = [...choices];
    if ("search" in block.dataset) {
      parts.unshift(make("label", { className: "lkcm-search" }, make("span", {}, "Find"), search));
    }
    if (!parts.length) return;
    const count = make("output", { className: "lkcm-count" });
    const tools = make("form", { className: "lkcm-tools" }, ...parts, count);
    const words = (row) => [...row.cells].map((cell) => cell.textContent).join("\n");
    const texts = new Map(rows.map((row) => [row, words(row).toLowerCase()]));

    const apply = () => {
      const sought = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = choices
        .map((label) => label.querySelector("select"))
        .filter((select) => select.value);
      let shown = 0;
      rows.forEach((row) => {
        const fits =
          sought.every((word) => texts.get(row).includes(word)) &&
          wanted.every((s) => row.cells[s.dataset.column].textContent.trim() === s.value);
        row.hidden = !fits;
        shown += fits;
      });
      count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
    };

    let pending = 0;
    search.addEventListener("input", () => {
      clearTimeout(pending);
      pending = setTimeout(apply, 120);
    });
    choices.forEach((label) => label.addEventListener("change", apply));
    tools.addEventListener("submit", (event) => event.preventDefault());
    block.prepend(tools);
    apply();
  }

  function start() {
    document.querySelectorAll(".lkcm-table-block").forEach((block) => {
      const table = block.querySelector("table");
      const rows = [...table.tBodies[0].rows];
      addFilters(block, table, rows);
      if (rows.length > 1) addSorting(table, rows);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
