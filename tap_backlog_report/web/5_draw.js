/* From rows to what ECharts draws. Colours are those of Okabe and Ito, which people who
   are colour-blind can distinguish; statuses have Backlog's own. */

const BLUE = "#0072b2";
const ORANGE = "#e69f00";
const GREEN = "#009e73";
const RED = "#d55e00";
const SKY = "#56b4e9";
const PINK = "#cc79a7";
const GREY = "#7b8794";
const PEOPLE_COLORS = [BLUE, ORANGE, GREEN, PINK, SKY, RED, "#8c6d00", "#4b5563"];
const MOST_ROWS_DRAWN = 20; // people, milestones
const FONT = getComputedStyle(document.body).fontFamily;

const PEN = document.createElement("canvas").getContext("2d");
const LEGEND_ROW = 24;
const MOST_LEGEND_ROWS = 6;
const MOST_DAYS_AHEAD = 180;
const MOST_SINGLE_POINTS = 2000;

/** Makes room for the rows of a legend; a very long one can be turned over instead. */
function fitLegend(option, width) {
  if (option.legend.show === false) return { legend: option.legend, grid: option.grid };
  PEN.font = `13px ${FONT}`;
  let [rows, used] = [1, 0];
  for (const name of option.legend.data ?? new Set(option.series.map((one) => one.name))) {
    const needed = PEN.measureText(name).width + 50;
    if (used && used + needed > width) [rows, used] = [rows + 1, 0];
    used += needed;
  }
  const isLong = rows > MOST_LEGEND_ROWS;
  const more = isLong ? 0 : (rows - 1) * LEGEND_ROW;
  return {
    legend: { ...option.legend, type: isLong ? "scroll" : "plain" },
    grid: { ...option.grid, top: option.grid.top + more },
  };
}

/** What all charts share. */
function base(parts) {
  return {
    animation: false,
    aria: { enabled: false }, // the card has a label and a table of its own
    textStyle: { fontFamily: FONT, fontSize: 13, color: "#1f2933" },
    grid: { left: 8, right: 16, top: 64, bottom: 8, outerBoundsMode: "same",
      outerBoundsContain: "axisLabel" },
    legend: { top: 0, left: 0, itemGap: 16, itemHeight: 10,
      textStyle: { fontSize: 13 } },
    tooltip: { trigger: "axis", confine: true, renderMode: "richText" },
    ...parts,
  };
}

function timeAxis(parts = {}) {
  return {
    type: "time",
    axisLabel: { hideOverlap: true, fontSize: 12,
      formatter: { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{MM}-{dd}" } },
    ...parts,
  };
}

function valueAxis(name, parts = {}) {
  return {
    type: "value",
    name,
    nameTextStyle: { align: "left" },
    nameLocation: "end",
    minInterval: 1,
    axisLabel: { fontSize: 12 },
    ...parts,
  };
}

function line(name, color, data, parts = {}) {
  return { type: "line", name, data, showSymbol: false, color, lineStyle: { width: 2 }, ...parts };
}

function dashed(name, color, data) {
  return line(name, color, data, { lineStyle: { type: "dashed", width: 2 } });
}

function bars(name, color, data, parts = {}) {
  return { type: "bar", name, data, color, barMaxWidth: 28, ...parts };
}

const DRAW = {
  burndown(rows, choice) {
    const milestone = DATA.milestones[choice.burndown];
    const inHours = choice.unit === "hours";
    const [open, scope] = inHours ? [4, 5] : [1, 2];
    const series = [
      line(say("series.open"), BLUE, rows.map((row) => [row[0], row[open]]),
        { areaStyle: { opacity: 0.12 }, step: "end" }),
      line(say("series.scope"), GREY, rows.map((row) => [row[0], row[scope]]), { step: "end" }),
    ];
    if (!inHours) {
      series.push(line(say("series.added_later"), PINK,
        rows.map((row) => [row[0], row[3]]), { step: "end" }));
    }
    if (milestone.due !== null && milestone.due > milestone.first) {
      series.push(dashed(say("series.ideal"), GREEN,
        [[rows[0][0], rows[0][open]], [iso(milestone.due), 0]]));
    }
    series.push(...forecastSeries(forecastOf(choice)));
    return base({
      xAxis: timeAxis(),
      yAxis: valueAxis(say(inHours ? "axis.hours" : "axis.issues")),
      series,
    });
  },

  flow(rows, choice) {
    const days = [...new Set(rows.map((row) => row[0]))];
    const places = new Map(days.map((day, place) => [day, place]));
    const values = new Map();
    for (const [day, status, issues] of rows) {
      if (!values.has(status)) values.set(status, days.map((one) => [one, 0]));
      values.get(status)[places.get(day)][1] += issues;
    }
    const known = statusesOf(choice).filter(({ name }, place, all) => values.has(name)
      && all.findIndex((one) => one.name === name) === place).reverse();
    return base({
      xAxis: timeAxis(),
      yAxis: valueAxis(say("axis.issues"), { min: floorOf(known, values) }),
      legend: { ...base({}).legend, icon: "roundRect", data: known.map(({ name }) => name).reverse() },
      series: known.map(({ name, color }) => line(name, color, values.get(name), {
        stack: "all",
        lineStyle: { width: 1.5, color: "#ffffff" },
        itemStyle: { color },
        areaStyle: { color, opacity: 1 },
      })),
    });
  },

  lead: (rows) => points(rows, BLUE),

  cycle: (rows) => points(rows, GREEN),

  stays: (rows) => sideways(rows.map((row) => row[0]), say("axis.days"), [
    bars(say("series.median"), BLUE, rows.map((row) => row[2])),
    bars(say("series.most"), ORANGE, rows.map((row) => row[3])),
  ]),

  throughput: (rows) => base({
    xAxis: { type: "category", data: rows.map((row) => row[0]), axisLabel: { hideOverlap: true } },
    yAxis: valueAxis(say("axis.issues")),
    series: [
      bars(say("series.added"), ORANGE, rows.map((row) => row[1])),
      bars(say("series.closed"), BLUE, rows.map((row) => row[2])),
    ],
  }),

  committed(rows, choice) {
    const some = rows.slice(-MOST_ROWS_DRAWN).reverse();
    const names = some.map((row) =>
      (choice.project < 0 ? `${row[0]} / ${row[1]}` : row[1]));
    const column = (place) => some.map((row) => row[place]);
    return sideways(names, say("axis.issues"), [
      bars(say("series.committed"), GREY, column(4), { stack: "begin" }),
      bars(say("series.added_later"), PINK, column(5), { stack: "begin" }),
      bars(say("series.done"), BLUE, column(7), { stack: "end" }),
      bars(say("series.left"), ORANGE, column(8), { stack: "end" }),
    ]);
  },

  workload(rows) {
    const some = rows.slice(0, MOST_ROWS_DRAWN);
    const names = some.map((row) => row[0] ?? say("nobody"));
    const kinds = [["overdue", RED], ["soon", ORANGE], ["later", SKY], ["undated", "#c3cad2"]];
    return sideways(names, say("axis.issues"), kinds.map(([kind, color], place) =>
      bars(say(`series.${kind}`), color, some.map((row) => row[place + 1]), { stack: "all" })));
  },

  hours(rows) {
    const months = [...new Set(rows.map((row) => row[0]))].sort();
    const totals = new Map();
    for (const [, name, hours] of rows) totals.set(name, (totals.get(name) ?? 0) + hours);
    const order = [...totals].sort((one, other) => other[1] - one[1]).map(([name]) => name);
    const shown = order.slice(0, PEOPLE_COLORS.length - 1);
    const sum = (isIt, place) => months.map((month) => round(rows
      .filter((row) => row[0] === month && isIt(row[1]))
      .reduce((all, row) => all + row[place], 0), 2));
    const stacks = shown.map((name, place) => bars(name ?? say("nobody"), PEOPLE_COLORS[place],
      sum((one) => one === name, 2), { stack: "all" }));
    if (order.length > shown.length) {
      stacks.push(bars(say("series.others"), PEOPLE_COLORS.at(-1),
        sum((one) => !shown.includes(one), 2), { stack: "all" }));
    }
    const estimate = line(say("series.estimate"), "#000000", sum(() => true, 4),
      { showSymbol: true, symbol: "diamond", symbolSize: 9, lineStyle: { type: "dashed", width: 2 } });
    return base({
      xAxis: { type: "category", data: months.map((month) => month.slice(0, 7)) },
      yAxis: valueAxis(say("axis.hours")),
      series: [...stacks, estimate],
    });
  },
};

function forecastSeries(forecast) {
  if (!forecast?.likely) return [];
  const now = [iso(DATA.today), forecast.left];
  const edge = DATA.today + MOST_DAYS_AHEAD;
  const until = (day) => [now, day <= edge ? [iso(day), 0]
    : [iso(edge), round(forecast.left * (1 - MOST_DAYS_AHEAD / (day - DATA.today)), 1)]];
  const range = [];
  if (forecast.early < forecast.likely) range.push(forecast.early);
  if (forecast.late > forecast.likely) range.push(forecast.late);
  return [
    dashed(say("series.forecast"), RED, until(forecast.likely)),
    ...range.map((day) => line(say("series.range"), RED, until(day),
      { lineStyle: { type: "dotted", width: 1.5 } })),
  ];
}

/** Where the axis of a flow begins: what was closed before is as wide all the time. */
function floorOf(known, values) {
  const { name, closed } = known[0];
  if (!closed) return 0;
  const before = values.get(name)[0][1];
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(before, 1))) - 1);
  return Math.floor(before / step) * step;
}

/**
 * Each issue a point, with lines below which 50 % and 85 % of them are. What took very long
 * would press the others flat, so it stands at the upper edge, as a triangle.
 */
function points(rows, color) {
  const edge = edgeOf(rows);
  const sorted = rows.map((row) => row[3]).sort((one, other) => one - other);
  const at = (share, name) => ({ yAxis: Math.min(quantile(sorted, share), edge), name });
  const placed = rows.map((row, place) => [row[2], Math.min(row[3], edge), place]);
  const scatter = (isIn, parts) => ({
    type: "scatter",
    data: placed.filter((one) => isIn(rows[one[2]][3])),
    itemStyle: { color, opacity: 0.55 },
    cursor: CONFIG.url ? "pointer" : "default",
    ...parts,
  });
  return base({
    legend: { show: false },
    grid: { ...base({}).grid, top: 34, right: 48 },
    tooltip: {
      trigger: "item", confine: true, renderMode: "richText",
      formatter: ({ value }) => rows[value[2]].map((cell) => cell ?? "").join("\n"),
    },
    xAxis: timeAxis(),
    yAxis: valueAxis(say("axis.days"), { max: edge }),
    series: [
      scatter((days) => days <= edge, {
        symbolSize: rows.length > 500 ? 5 : 8,
        large: rows.length > MOST_SINGLE_POINTS, // all of one form, and quick
        markLine: {
          silent: true, symbol: "none", lineStyle: { color: RED, width: 2 },
          label: { formatter: "{b}", position: "end", fontSize: 12 },
          data: [at(0.5, "50 %"), at(0.85, "85 %")],
        },
      }),
      scatter((days) => days > edge, { symbol: "triangle", symbolSize: 11 }),
    ],
  });
}

/** The highest value that is drawn in its place. */
function edgeOf(rows) {
  const sorted = rows.map((row) => row[3]).sort((one, other) => one - other);
  const most = Math.ceil(3 * quantile(sorted, 0.85));
  return sorted.at(-1) > most ? Math.max(most, 1) : Math.max(Math.ceil(sorted.at(-1)), 1);
}

function sideways(names, axis, series) {
  return base({
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, confine: true, renderMode: "richText" },
    yAxis: { type: "category", data: names, inverse: true,
      axisLabel: { width: 110, overflow: "truncate", interval: 0, fontSize: 12 } },
    xAxis: valueAxis(axis, { minInterval: 0, nameLocation: "middle", nameGap: 26,
      nameTextStyle: { align: "center" } }),
    grid: { ...base({}).grid, top: 40, bottom: 30 },
    series,
  });
}
