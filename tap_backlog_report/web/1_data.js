/* What the page knows, and small helpers. A day is a number: days since DATA.first. */

const CONFIG = JSON.parse(document.getElementById("config").textContent);
const DATA = JSON.parse(document.getElementById("data").textContent);
const WORDS = CONFIG.words;
const FIRST = Date.parse(DATA.first);
const DAY = 86400000;
const WEEK_STARTS_ON_MONDAY = 4; // 1970-01-01 was a Thursday

const ISSUES = DATA.issues;
const STATES = DATA.states;
const STAYS = DATA.stays;
const COUNT = ISSUES.number.length;
const FIRST_STATE = starts(ISSUES.states);
const FIRST_STAY = starts(ISSUES.stays);

/** Where the rows of each issue begin; one more entry says where the last ones end. */
function starts(counts) {
  const found = new Uint32Array(counts.length + 1);
  counts.forEach((count, place) => { found[place + 1] = found[place] + count; });
  return found;
}

/** The text of a key, with `{name}` replaced by the values given. */
function say(key, values = {}) {
  const text = WORDS[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A day as 2026-01-31; null stays null. */
function iso(day) {
  return day === null ? null : new Date(FIRST + day * DAY).toISOString().slice(0, 10);
}

/** The number of a day that is written as 2026-01-31. */
function dayOf(text) {
  return Math.round((Date.parse(text) - FIRST) / DAY);
}

/** The Monday of a day's week. */
function mondayOf(day) {
  const sinceEpoch = Math.round(FIRST / DAY) + day;
  return day - ((sinceEpoch + WEEK_STARTS_ON_MONDAY - 1) % 7);
}

/** The first day of a day's month. */
function monthOf(day) {
  if (!MONTHS.has(day)) MONTHS.set(day, dayOf(`${iso(day).slice(0, 7)}-01`));
  return MONTHS.get(day);
}
const MONTHS = new Map();

/** The key of an issue, as people know it. */
function keyOf(issue) {
  const number = ISSUES.number[issue];
  const project = DATA.projects[ISSUES.project[issue]];
  return typeof number === "string" ? number : `${project}-${number}`;
}

/** Where an issue is in Backlog; null if the space is not known. */
function linkTo(key) {
  return CONFIG.url ? `${CONFIG.url}/view/${encodeURIComponent(key)}` : null;
}

function personName(person) {
  return person < 0 ? null : DATA.people[person][1];
}

/** The statuses in the order and colours of the chosen project, the closed one last. */
function statusesOf(choice) {
  const own = DATA.ownStatuses[choice.project] ?? {};
  return DATA.statuses
    .map(([name, color, closed, order], place) => ({
      place, name, closed,
      color: own[place]?.[0] ?? color,
      order: (choice.project < 0 ? order : own[place]?.[1]) ?? Number.MAX_SAFE_INTEGER,
    }))
    .sort((one, other) => one.closed - other.closed || one.order - other.order
      || byName(one.name, other.name));
}

function isClosed(status) {
  return DATA.statuses[status][2] === 1;
}

function round(number, digits) {
  return Number(Math.round(Number(`${number}e${digits}`)) + `e-${digits}`);
}

/** The value below which a share of the sorted numbers lies, between two if need be. */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** Names by code, as SQL sorts them; nobody comes last. */
function byName(one, other) {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}

/** A number as the reader's language writes it. */
const NUMBER = new Intl.NumberFormat(CONFIG.language, { maximumFractionDigits: 2 });
