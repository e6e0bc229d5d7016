/* Cards: title, how to read it, chart or table, data and SQL. Texts of strangers only ever
   become text nodes. */

const MOST_ROWS = 500;
const FIRST_ROWS = 15;
const NUMBERS = new Set([
  "this_week", "week_before", "open_issues", "scope_issues", "added_issues", "open_hours",
  "scope_hours", "issues", "lead_time_days", "cycle_time_days", "median_days",
  "days_of_85_percent", "closed_issues", "committed_issues", "removed_issues", "done_issues",
  "left_issues", "days_overdue", "overdue_issues", "soon_issues", "later_issues",
  "undated_issues", "hours_left", "hours", "estimated_hours", "reopened_count",
  "days_without_move",
]);
const DAYS = new Set(["day", "week", "closed_on", "first_day", "due_date", "last_reopened_on"]);

/** The cards in their order, each with its columns; `rem` is the height of a row of bars. */
const CARDS = [
  { id: "week", kind: "tiles", columns: ["figure", "this_week", "week_before"] },
  { id: "burndown", kind: "chart", columns: ["day", "open_issues", "scope_issues",
    "added_issues", "open_hours", "scope_hours"] },
  { id: "flow", kind: "chart", columns: ["day", "status", "issues"] },
  { id: "lead", kind: "chart", half: true, canvas: true,
    columns: ["issue_key", "summary", "closed_on", "lead_time_days"] },
  { id: "cycle", kind: "chart", half: true, canvas: true,
    columns: ["issue_key", "summary", "closed_on", "cycle_time_days"] },
  { id: "stays", kind: "chart", half: true,
    columns: ["status", "issues", "median_days", "days_of_85_percent"] },
  { id: "throughput", kind: "chart", half: true,
    columns: ["week", "added_issues", "closed_issues"] },
  { id: "committed", kind: "chart", rem: 2.4, columns: ["project", "milestone", "first_day", "due_date",
    "committed_issues", "added_issues", "removed_issues", "done_issues", "left_issues"] },
  { id: "due", kind: "table", columns: ["person", "issue_key", "summary", "due_date",
    "days_overdue", "status"] },
  { id: "workload", kind: "chart", rem: 2.2, columns: ["person", "overdue_issues", "soon_issues",
    "later_issues", "undated_issues", "hours_left"] },
  { id: "hours", kind: "chart", columns: ["month", "person", "hours", "issues",
    "estimated_hours"] },
  { id: "reopened", kind: "table", columns: ["issue_key", "summary", "person",
    "reopened_count", "last_reopened_on", "status"] },
  { id: "stale", kind: "table", columns: ["issue_key", "summary", "person", "status",
    "days_without_move"] },
];

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A card that can be shown again with other rows. */
function makeCard(card, choose) {
  const title = element("h2", { id: `title-${card.id}` });
  const how = element("p", { className: "how", textContent: say(`how.${card.id}`) });
  const found = element("p", { className: "found", id: `found-${card.id}` });
  const body = element("div", { className: "body" });
  const below = element("div", { className: "below" });
  const section = element("section", {
    id: card.id,
    className: [card.half ? "half" : "", card.kind === "table" ? "list" : ""].join(" ").trim(),
  }, title, how, found, body, below);
  section.setAttribute("aria-labelledby", title.id);
  let [chart, drawn] = [null, null];

  function show(choice) {
    const rows = ROWS[card.id](choice);
    title.textContent = titleOf(card, choice);
    const words = findings(card, rows, choice);
    found.textContent = words;
    found.hidden = !words;
    const reason = emptiness(card, rows, choice);
    chart?.dispose();
    chart = null;
    body.replaceChildren();
    below.replaceChildren();
    below.append(element("button", {
      type: "button", textContent: say("csv"),
      onclick: () => save(`${card.id}.csv`, csv(card, rows)),
    }));
    if (reason) body.append(element("p", { className: "empty", textContent: reason }));
    else if (card.kind === "tiles") body.append(tiles(rows));
    else if (card.kind === "table") body.append(...table(card, rows, FIRST_ROWS));
    else {
      drawn = DRAW[card.id](rows, choice);
      chart = draw(card, rows, drawn, body, title.textContent);
    }
    if (card.id === "burndown" && choice.burndown >= 0) below.append(unitButton(choice, choose));
    if (chart) below.append(lazily(say("table"), () => table(card, rows, FIRST_ROWS)));
    below.append(lazily("SQL", () => [sqlOf(card, choice)]));
  }
  /** Draws in another size at once: printing does not wait for the next frame. */
  function resize(width, height) {
    if (!chart) return;
    chart.resize({ width, height: card.rem ? "auto" : height });
    chart.setOption(fitLegend(drawn, chart.getWidth()));
    chart.getZr().flush();
  }
  return { section, show, resize };
}

function titleOf(card, choice) {
  const milestone = choice.burndown < 0 ? "" : DATA.milestones[choice.burndown];
  const name = milestone && `${DATA.projects[milestone.project]} / ${milestone.name}`;
  return say(`title.${card.id}`, { milestone: name });
}

/** What a chart says, in words. */
function findings(card, rows, choice) {
  if (!rows.length) return "";
  if (card.id === "burndown") return burndownInWords(choice);
  if (card.id === "lead" || card.id === "cycle") {
    const sorted = rows.map((row) => row[3]).sort((one, other) => one - other);
    const days = (share) => NUMBER.format(round(quantile(sorted, share), 1));
    const edge = edgeOf(rows);
    const above = sorted.filter((one) => one > edge).length;
    return [
      say("found.points", { issues: NUMBER.format(rows.length), half: days(0.5), most: days(0.85) }),
      above ? say("found.above", { above, edge }) : "",
    ].join(" ");
  }
  if (card.kind === "table") return say("found.rows", { issues: NUMBER.format(rows.length) });
  return "";
}

function burndownInWords(choice) {
  const inHours = choice.unit === "hours";
  const unit = say(inHours ? "unit.hours" : "unit.issues");
  const milestone = DATA.milestones[choice.burndown];
  const due = iso(milestone.due) ?? say("no_date");
  const begin = say("found.burndown", { left: NUMBER.format(leftIn(choice)), unit, due });
  const forecast = forecastOf(choice);
  if (!forecast) return begin;
  const values = { speed: NUMBER.format(forecast.speed), weeks: forecast.weeks, unit };
  if (!forecast.likely) return `${begin} ${say("found.no_forecast", values)}`;
  return `${begin} ${say("found.forecast", {
    ...values, likely: iso(forecast.likely), early: iso(forecast.early),
    late: iso(forecast.late) ?? say("found.never"),
  })}`;
}

/** Why there is nothing to show; empty if there is. */
function emptiness(card, rows, choice) {
  if (card.id === "burndown" && !rows.length) {
    return say(choice.burndown < 0 ? "empty.burndown" : "empty.future");
  }
  if (card.id === "burndown" && choice.unit === "hours" && rows.every((row) => !row[5])) {
    return say("empty.estimates");
  }
  if (card.id === "throughput" && rows.every((row) => !row[1] && !row[2])) {
    return say("empty.throughput");
  }
  return rows.length ? "" : say(`empty.${card.id}`);
}

function draw(card, rows, option, body, title) {
  const place = element("div", { className: "chart" });
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${title}. ${say("see_table")}`);
  if (card.rem) {
    place.style.height = `${6 + card.rem * Math.min(Math.max(rows.length, 3), MOST_ROWS_DRAWN)}rem`;
  }
  body.append(place);
  const chart = echarts.init(place, null, { renderer: card.canvas ? "canvas" : "svg" });
  chart.setOption({ ...option, ...fitLegend(option, chart.getWidth()) });
  if (card.canvas) {
    chart.on("click", ({ componentType, value }) => {
      const link = componentType === "series" && linkTo(rows[value[2]][0]);
      if (link) open(link, "_blank", "noopener");
    });
  }
  return chart;
}

function unitButton(choice, choose) {
  const other = choice.unit === "hours" ? "issues" : "hours";
  return element("button", {
    type: "button", id: "unit", textContent: say(`in.${other}`),
    onclick: () => { choose("unit", other === "hours" ? "hours" : null); document.getElementById("unit")?.focus(); },
  });
}

function tiles(rows) {
  return element("dl", { className: "tiles" }, ...rows.map(([figure, now, then]) =>
    element("div", { id: `tile-${figure}` },
      element("dt", { textContent: say(`figure.${figure}`) }),
      element("dd", {},
        element("div", { className: "now", textContent: NUMBER.format(now) }),
        element("div", { className: "then", textContent: say("figure.then", { then: NUMBER.format(then) }) })))));
}

/** A table of the first rows, and a button for more. */
function table(card, rows, most) {
  const head = element("tr", {}, ...card.columns.map((name) =>
    element("th", { scope: "col", className: classOf(name), textContent: say(`column.${name}`) })));
  const lines = element("tbody");
  const fillTo = (end) => lines.replaceChildren(...rows.slice(0, end).map((row) =>
    element("tr", {}, ...row.map((cell, place) => cellOf(card.columns[place], cell)))));
  fillTo(most);
  const scroll = element("div", { className: "scroll", tabIndex: 0 },
    element("table", {}, element("thead", {}, head), lines));
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", titleOfTable(card));
  if (rows.length <= most) return [scroll];
  const end = Math.min(rows.length, MOST_ROWS);
  const more = element("button", {
    type: "button", className: "more", textContent: say("more", { rows: NUMBER.format(end) }),
    onclick: () => { fillTo(end); more.remove(); scroll.focus(); },
  });
  return [scroll, more];
}

function titleOfTable(card) {
  return `${say("table")}: ${say(`title.${card.id}`, { milestone: "" })}`;
}

function classOf(name) {
  if (NUMBERS.has(name)) return "number";
  if (DAYS.has(name)) return "day";
  return name === "issue_key" ? "key" : "text";
}

function cellOf(name, value) {
  const cell = element("td", { className: classOf(name) });
  const link = name === "issue_key" && linkTo(value);
  if (link) {
    cell.append(element("a", { href: link, target: "_blank", rel: "noopener", textContent: value }));
  } else {
    cell.textContent = inWords(name, value);
  }
  return cell;
}

function inWords(name, value) {
  if (value === null) return name === "person" ? say("nobody") : "";
  if (name === "figure") return say(`figure.${value}`);
  if (name === "month") return value.slice(0, 7);
  return NUMBERS.has(name) ? NUMBER.format(value) : String(value);
}

/** Details whose content is made when they are opened. */
function lazily(name, make) {
  const details = element("details", {}, element("summary", { textContent: name }));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(...make());
  });
  return details;
}

function sqlOf(card, choice) {
  const made = element("pre", { tabIndex: 0, textContent: variablesOf(choice) + CONFIG.sql[card.id] });
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", `SQL: ${say(`title.${card.id}`, { milestone: "" })}`);
  return made;
}

/** The rows for a spreadsheet, which must not take a text for a formula. */
function csv(card, rows) {
  const quoted = (cell) => {
    const text = cell === null ? "" : String(cell);
    const safe = typeof cell === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = card.columns.map((name) => say(`column.${name}`));
  return `\ufeff${[head, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("")}`;
}

function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
