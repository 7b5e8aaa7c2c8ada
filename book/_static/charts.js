/* Turn the static charts of a page interactive when they come near, and offer them as SVG files.
   Without this script, or if anything in it fails, the static drawings stay. */
"use strict";

(() => {
  const NEAR = "600px"; // how far below the screen a chart is prepared
  let bundle = null;

  /* Load the vendored Vega once; resolves to its embed function. */
  function vega() {
    bundle ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = (document.documentElement.dataset.content_root || "./") + "assets/vega.js";
      script.onload = () => resolve(window.vegaEmbed);
      script.onerror = () => reject(new Error("assets/vega.js did not load"));
      document.head.append(script);
    });
    return bundle;
  }

  /* Replace one static drawing by the live chart, once that stands. */
  async function enliven(figure) {
    const canvas = figure.querySelector(".lkcm-canvas");
    const live = document.createElement("div");
    const controls = document.createElement("div");
    controls.className = "lkcm-controls";
    try {
      const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      const embed = await vega();
      await embed(live, spec, {
        mode: "vega-lite",
        renderer: "svg",
        actions: false,
        bind: controls,
        defaultStyle: false,
        logLevel: 1, // errors only
        tooltip: { theme: "lkcm", disableDefaultStyle: true },
      });
      if (controls.childElementCount) canvas.before(controls);
      canvas.replaceChildren(live);
      figure.dataset.live = "true";
    } catch (error) {
      figure.dataset.live = "false";
      console.info("static chart kept:", figure.id, error.message);
    }
  }

  /* Break a title into lines of at most `length` characters. */
  function lines(text, length) {
    return text.split(/\s+/).reduce((all, word) => {
      const longer = all.length ? `${all.at(-1)} ${word}` : word;
      if (all.length && longer.length <= length) return [...all.slice(0, -1), longer];
      return [...all, word];
    }, []);
  }

  /* Return the drawing as a file of its own: black on white, under its title. */
  function standalone(svg, title) {
    const copy = svg.cloneNode(true);
    const make = (tag, attributes, text) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
      node.textContent = text;
      return node;
    };
    const width = Number(svg.getAttribute("width"));
    const height = Number(svg.getAttribute("height"));
    const head = lines(title, Math.max(20, Math.floor(width / 8)));
    const top = 22 * head.length + 14;
    const whole = { x: 0, y: -top, width, height: height + top, fill: "#fff" };
    const text = { "font-size": 15, "font-weight": 600, fill: "#000" };
    copy.prepend(
      make("title", {}, title),
      make("rect", whole, ""),
      ...head.map((line, i) => make("text", { ...text, x: 4, y: 22 * (i + 1) - top }, line)),
    );
    copy.setAttribute("viewBox", `0 ${-top} ${width} ${height + top}`);
    copy.setAttribute("height", height + top);
    copy.setAttribute("color", "#000");
    return new XMLSerializer().serializeToString(copy);
  }

  /* Add the SVG download, made from the static drawing when it is asked for. */
  function offerSvg(figure) {
    const svg = figure.querySelector(".lkcm-canvas svg");
    const downloads = figure.querySelector(".lkcm-downloads");
    if (!svg || !downloads) return;
    const file = downloads.querySelector(".lkcm-csv").download.replace(/csv$/, "svg");
    const title = figure.querySelector(".lkcm-title").textContent;
    const link = document.createElement("a");
    link.textContent = "SVG";
    link.className = "lkcm-svg";
    link.href = "#";
    link.download = file;
    link.setAttribute("aria-label", `Download ${file}`);
    link.addEventListener("click", () => {
      const drawing = new Blob([standalone(svg, title)], { type: "image/svg+xml" });
      link.href = URL.createObjectURL(drawing);
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
    downloads.append(" ", link);
  }

  function start() {
    const figures = document.querySelectorAll("figure.lkcm-chart");
    const observer = new IntersectionObserver(
      (entries) => {
        entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
          observer.unobserve(entry.target);
          enliven(entry.target);
        });
      },
      { rootMargin: `${NEAR} 0px` },
    );
    figures.forEach((figure) => {
      offerSvg(figure);
      observer.observe(figure);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
