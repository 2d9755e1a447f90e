"use strict";
(() => {
  const given = JSON.parse(document.getElementById("pictures").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const config = { displaylogo: false, responsive: true, modeBarButtons: [["toImage", "resetScale2d"]] };
  let printing = false;

  // A value with its colours put in: `@name` where a key speaks of a color.
  const painted = (value, palette, key = "") => {
    if (Array.isArray(value)) return value.map((each) => painted(each, palette, key));
    if (value !== null && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, painted(each, palette, name)]));
    if (typeof value === "string" && value[0] === "@" && key.includes("color")) return palette[value.slice(1)];
    return value;
  };

  const draw = (place) => {
    if (place.closest("[hidden]")) return;
    const palette = given.palettes[dark.matches && !printing ? "dark" : "light"];
    const chart = painted(given.charts[place.dataset.chart], palette);
    Plotly.react(place, chart.data, chart.layout, config);
  };
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  document.querySelectorAll("[data-switch]").forEach((choice) => {
    const show = () => {
      for (const option of choice.options) document.getElementById(option.value).hidden = option.value !== choice.value;
      document.getElementById(choice.value).querySelectorAll("[data-chart]").forEach(draw);
    };
    choice.addEventListener("change", show);
    show(); // a page that is loaded again keeps what was chosen
  });

  const sortable = (head) => {
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const read = (row) => row.cells[column].textContent.trim();
    const number = (text) => (/^[-+]?[\d,.]+%?$/.test(text) ? parseFloat(text.replace(/,/g, "")) : NaN);
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      const compared = (one, other) => {
        const [a, b] = [number(one), number(other)];
        if (isNaN(a) && isNaN(b)) return one.localeCompare(other);
        return isNaN(a) ? -1 : isNaN(b) ? 1 : a - b;
      };
      const rows = [...body.rows].sort((one, other) => (down ? -1 : 1) * compared(read(one), read(other)));
      head.parentNode.querySelectorAll("[aria-sort]").forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...rows);
    });
  };
  document.querySelectorAll(".sortable thead th").forEach(sortable);

  dark.addEventListener("change", drawAll);
  addEventListener("beforeprint", () => { printing = true; drawAll(); });
  addEventListener("afterprint", () => { printing = false; drawAll(); });
  drawAll();
})();
