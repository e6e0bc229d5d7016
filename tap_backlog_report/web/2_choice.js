/* What the reader chose: in the choosers, and in the page's address. */

const PERIODS = ["28", "91", "182", "364", "all"];
const DEFAULT_PERIOD = "91";
const NAMES = ["project", "milestone", "person", "period", "unit"];

/** A choice with places instead of names: -1 is "all". */
function choiceOf(wanted) {
  const project = DATA.projects.indexOf(wanted.project);
  const milestone = DATA.milestones.findIndex(
    (one) => String(one.id) === wanted.milestone && (project < 0 || one.project === project)
  );
  const period = periodOf(wanted.period);
  return {
    project,
    milestone,
    person: DATA.people.findIndex((one) => String(one[0]) === wanted.person),
    period,
    since: sinceOf(period),
    until: DATA.today,
    unit: wanted.unit === "hours" ? "hours" : "issues",
    burndown: milestone < 0 ? currentMilestone(project) : milestone,
  };
}

function periodOf(wanted) {
  if (PERIODS.includes(wanted) || (CONFIG.since && wanted === "since")) return wanted;
  return CONFIG.since ? "since" : DEFAULT_PERIOD;
}

function sinceOf(period) {
  if (period === "since") return Math.min(Math.max(dayOf(CONFIG.since), 0), DATA.today);
  return period === "all" ? 0 : DATA.today - Number(period) + 1;
}

/** The milestone that people work on: the next one due, else the one due last. */
function currentMilestone(project) {
  const known = DATA.milestones
    .map((one, place) => ({ ...one, place }))
    .filter((one) => project < 0 || one.project === project);
  const begun = known.filter((one) => one.first <= DATA.today);
  const inUse = begun.filter((one) => !one.archived);
  const dated = (inUse.length ? inUse : begun).filter((one) => one.due !== null);
  const next = dated.find((one) => one.due >= DATA.today);
  return (next ?? dated.at(-1) ?? inUse[0] ?? begun[0] ?? known[0])?.place ?? -1;
}

/** What the address says. */
function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, said.get(name)]));
}

/** Writes a choice into the address; what is not chosen is left out. */
function writeAddress(wanted) {
  const said = new URLSearchParams();
  NAMES.filter((name) => wanted[name]).forEach((name) => said.set(name, wanted[name]));
  const address = said.toString();
  history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
}

/** The SQL session in which a chart's SQL gives the rows of the chart. */
function variablesOf(choice) {
  const milestone = (place) => (place < 0 ? null : DATA.milestones[place].id);
  const values = {
    projects: CONFIG.projects,
    project: choice.project < 0 ? null : DATA.projects[choice.project],
    milestone: milestone(choice.milestone),
    person: choice.person < 0 ? null : DATA.people[choice.person][0],
    since: choice.period === "all" ? null : iso(choice.since),
    burndown: milestone(choice.burndown),
  };
  return Object.entries(values)
    .map(([name, value]) => `SET VARIABLE ${name} = ${inSql(value)};\n`)
    .join("");
}

function inSql(value) {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `[${value.map(inSql).join(", ")}]`;
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

/** Makes the choosers; `changed` is called with each new choice. */
function makeChoosers(form, changed) {
  const selects = {};
  const wanted = () =>
    Object.fromEntries(NAMES.map((name) => [name, selects[name]?.value || null]));
  for (const name of ["project", "milestone", "person", "period"]) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.id = `choose-${name}`;
    select.name = name;
    label.append(say(`choose.${name}`), select);
    form.append(label);
    selects[name] = select;
  }
  const reset = document.createElement("button");
  reset.type = "button";
  reset.textContent = say("reset");
  form.append(reset);
  selects.unit = { value: readAddress().unit };

  function show(said) {
    const choice = choiceOf(said);
    fill(selects.project, DATA.projects.map((key) => [key, key]), choice.project, "all");
    fill(selects.milestone, milestonesOf(choice.project), choice.milestone < 0 ? -1
      : milestonesOf(choice.project).findIndex((one) =>
        one[0] === String(DATA.milestones[choice.milestone].id)), "all");
    fill(selects.person, peopleInOrder(), choice.person < 0 ? -1
      : peopleInOrder().findIndex((one) =>
        one[0] === String(DATA.people[choice.person][0])), "all");
    const periods = [...(CONFIG.since ? ["since"] : []), ...PERIODS];
    fill(selects.period, periods.map((one) =>
      [one, say(`period.${one}`, { day: CONFIG.since })]), periods.indexOf(choice.period));
    selects.unit.value = said.unit;
    changed(choice);
  }
  const act = () => { const said = wanted(); writeAddress(said); show(said); };
  form.addEventListener("change", act);
  form.addEventListener("submit", (event) => event.preventDefault());
  reset.addEventListener("click", () => { writeAddress({}); show(readAddress()); });
  addEventListener("hashchange", () => show(readAddress()));
  show(readAddress());
  return (name, value) => { selects[name].value = value; act(); };
}

function milestonesOf(project) {
  return DATA.milestones
    .filter((one) => project < 0 || one.project === project)
    .map((one) => [String(one.id), project < 0
      ? `${DATA.projects[one.project]} / ${one.name}` : one.name]);
}

function peopleInOrder() {
  return DATA.people
    .map((one) => [String(one[0]), one[1]])
    .sort((one, other) => one[1].localeCompare(other[1], CONFIG.language));
}

function fill(select, options, chosen, all) {
  select.replaceChildren();
  if (all) select.append(new Option(say(`choose.${all}`), ""));
  options.forEach(([value, text], place) =>
    select.append(new Option(text, value, false, place === chosen)));
}
