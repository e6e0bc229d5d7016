/* When a milestone will be done, at the speed of its last weeks. */

const FORECAST_WEEKS = 6;

/** What was closed in each of the last weeks of a milestone, the latest first. */
function closedByWeek(choice, ofIssue) {
  const milestone = DATA.milestones[choice.burndown];
  const whole = Math.floor((DATA.today - milestone.first + 1) / 7);
  const weeks = new Array(Math.max(1, Math.min(FORECAST_WEEKS, whole))).fill(0);
  for (const issue of chosenIssues({ ...choice, milestone: choice.burndown })) {
    if (ISSUES.closed[issue] === null) continue;
    const week = Math.floor((DATA.today - ISSUES.closed[issue]) / 7);
    if (week < weeks.length) weeks[week] += ofIssue(issue);
  }
  return weeks;
}

/** What is open in a milestone today; its chart may end before, on its due date. */
function leftIn(choice) {
  const ofIssue = choice.unit === "hours" ? (issue) => ISSUES.estimated[issue] ?? 0 : () => 1;
  const left = chosenIssues({ ...choice, milestone: choice.burndown }).filter(isOpen);
  return round(left.reduce((all, issue) => all + ofIssue(issue), 0), 2);
}

/**
 * The days on which nothing is left: at the average speed, at that of the faster half of
 * the weeks, and at that of the slower half. Null if nothing is left, or nothing is known.
 */
function forecastOf(choice) {
  const left = leftIn(choice);
  const milestone = DATA.milestones[choice.burndown];
  if (!left || milestone.archived || milestone.first > DATA.today) return null;
  const ofIssue = choice.unit === "hours"
    ? (issue) => ISSUES.estimated[issue] ?? 0 : () => 1;
  const weeks = closedByWeek(choice, ofIssue);
  const sorted = [...weeks].sort((one, other) => other - one);
  const half = Math.ceil(sorted.length / 2);
  const average = (some) => some.reduce((all, one) => all + one, 0) / some.length;
  const day = (speed) => (speed ? DATA.today + Math.ceil(left / speed * 7) : null);
  const speed = average(sorted);
  return {
    left,
    weeks: weeks.length,
    speed: round(speed, 1),
    likely: day(speed),
    early: day(average(sorted.slice(0, half))),
    late: day(average(sorted.slice(-half))),
  };
}
