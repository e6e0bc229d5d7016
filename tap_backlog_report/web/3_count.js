/* The rows of each chart, for a choice: the same that its SQL gives. */

/** Places of the issues that the choice means, as they are now. */
function chosenIssues(choice) {
  const found = [];
  for (let issue = 0; issue < COUNT; issue++) {
    if (choice.project >= 0 && ISSUES.project[issue] !== choice.project) continue;
    if (choice.person >= 0 && ISSUES.person[issue] !== choice.person) continue;
    if (!isIn(ISSUES.combination[issue], choice.milestone)) continue;
    found.push(issue);
  }
  return found;
}

function isIn(combination, milestone) {
  return milestone < 0 || DATA.combinations[combination].includes(milestone);
}

/** Calls `act(state, from, to)` for each stretch of days of the choice; `to` is not in it. */
function eachState(choice, act) {
  for (let issue = 0; issue < COUNT; issue++) {
    if (choice.project >= 0 && ISSUES.project[issue] !== choice.project) continue;
    const end = FIRST_STATE[issue + 1];
    for (let state = FIRST_STATE[issue]; state < end; state++) {
      if (choice.person >= 0 && STATES.person[state] !== choice.person) continue;
      if (!isIn(STATES.combination[state], choice.milestone)) continue;
      const to = state + 1 < end ? STATES.day[state + 1] : DATA.today + 1;
      act(state, STATES.day[state], to, issue);
    }
  }
}

function isWithin(day, since, until) {
  return day !== null && day >= since && day <= until;
}

function hoursLogged(choice) {
  const found = [];
  const { issue, person, day, hours, first } = DATA.hours;
  for (let place = 0; place < issue.length; place++) {
    const of = issue[place];
    if (choice.project >= 0 && ISSUES.project[of] !== choice.project) continue;
    if (choice.person >= 0 && person[place] !== choice.person) continue;
    if (!isIn(ISSUES.combination[of], choice.milestone)) continue;
    found.push({
      issue: of, person: person[place], day: day[place], hours: hours[place],
      isFirst: first[place] === 1,
    });
  }
  return found;
}

const ROWS = {
  week(choice) {
    const issues = chosenIssues(choice);
    const now = (day) => isWithin(day, DATA.today - 6, DATA.today);
    const then = (day) => isWithin(day, DATA.today - 13, DATA.today - 7);
    const count = (days) => [days.filter(now).length, days.filter(then).length];
    const chosen = new Set(issues);
    const reopened = DATA.reopenings.day.filter(
      (_, place) => chosen.has(DATA.reopenings.issue[place]));
    const open = [0, 0];
    const overdue = [0, 0];
    const due = [ISSUES.due, ISSUES.dueBefore];
    eachState(choice, (state, from, to, issue) => {
      if (isClosed(STATES.status[state])) return;
      [DATA.today, DATA.today - 7].forEach((day, place) => {
        if (day < from || day >= to) return;
        open[place]++;
        if (due[place][issue] !== null && due[place][issue] < day) overdue[place]++;
      });
    });
    const hours = hoursLogged(choice);
    const sum = (isIt) => round(
      hours.filter((one) => isIt(one.day)).reduce((all, one) => all + one.hours, 0), 2);
    return [
      ["added", ...count(issues.map((issue) => ISSUES.created[issue]))],
      ["closed", ...count(issues.map((issue) => ISSUES.closed[issue]))],
      ["reopened", ...count(reopened)],
      ["open", ...open],
      ["overdue", ...overdue],
      ["hours", sum(now), sum(then)],
    ];
  },

  burndown(choice) {
    if (choice.burndown < 0) return [];
    const milestone = DATA.milestones[choice.burndown];
    const { first, last } = milestone;
    const length = Math.max(0, last - first + 1);
    const columns = Array.from({ length: 5 }, () => new Float64Array(length + 1));
    const stretches = [];
    const committed = new Set();
    eachState({ ...choice, milestone: choice.burndown }, (state, from, to, issue) => {
      if (from > last || to <= first) return;
      stretches.push([state, Math.max(from, first), Math.min(to, last + 1), issue]);
      if (from <= first) committed.add(issue);
    });
    for (const [state, from, to, issue] of stretches) {
      const isLeft = isClosed(STATES.status[state]) ? 0 : 1;
      const hours = STATES.hours[state] ?? 0;
      const isAdded = committed.has(issue) ? 0 : 1;
      [isLeft, 1, isAdded, isLeft * hours, hours].forEach((value, column) => {
        columns[column][from - first] += value;
        columns[column][to - first] -= value;
      });
    }
    const sums = [0, 0, 0, 0, 0];
    return Array.from({ length }, (_, place) => [
      iso(first + place),
      ...sums.map((_, column) => round(sums[column] += columns[column][place], 2)),
    ]);
  },

  flow(choice) {
    const since = Math.max(choice.since, 0);
    const length = DATA.today - since + 1;
    const order = statusesOf(choice);
    const steps = DATA.statuses.map(() => new Int32Array(length + 1));
    eachState(choice, (state, from, to) => {
      if (to <= since) return;
      steps[STATES.status[state]][Math.max(from, since) - since]++;
      steps[STATES.status[state]][to - since]--;
    });
    const sums = DATA.statuses.map(() => 0);
    const rows = [];
    for (let place = 0; place < length; place++) {
      order.forEach(({ name, place: status }) => {
        sums[status] += steps[status][place];
        if (sums[status]) rows.push([iso(since + place), name, sums[status]]);
      });
    }
    return rows;
  },

  lead: (choice) => closedWith(choice, ISSUES.lead),

  cycle: (choice) => closedWith(choice, ISSUES.cycle),

  stays(choice) {
    const hours = DATA.statuses.map(() => []);
    for (const issue of closedIn(choice)) {
      for (let stay = FIRST_STAY[issue]; stay < FIRST_STAY[issue + 1]; stay++) {
        hours[STAYS.status[stay]].push(STAYS.hours[stay]);
      }
    }
    return statusesOf(choice).flatMap(({ name, place }) => {
      const all = hours[place].sort((one, other) => one - other);
      const days = (share) => round(quantile(all, share) / 24, 2);
      return all.length ? [[name, all.length, days(0.5), days(0.85)]] : [];
    });
  },

  throughput(choice) {
    const first = mondayOf(choice.since);
    const length = (mondayOf(DATA.today) - first) / 7 + 1;
    const counts = Array.from({ length }, (_, week) => [iso(first + 7 * week), 0, 0]);
    for (const issue of chosenIssues(choice)) {
      [ISSUES.created[issue], ISSUES.closed[issue]].forEach((day, place) => {
        const row = day === null ? undefined : counts[(mondayOf(day) - first) / 7];
        if (row) row[place + 1]++;
      });
    }
    return counts;
  },

  committed(choice) {
    const known = DATA.milestones
      .map((one, place) => ({ ...one, place, began: new Set(), ended: new Map() }))
      .filter((one) => (choice.project < 0 || one.project === choice.project)
        && (choice.milestone < 0 || one.place === choice.milestone)
        && one.last >= choice.since && one.first <= choice.until);
    const byPlace = new Map(known.map((one) => [one.place, one]));
    eachState(choice, (state, from, to, issue) => {
      for (const place of DATA.combinations[STATES.combination[state]]) {
        const one = byPlace.get(place);
        if (!one) continue;
        if (from <= one.first && one.first < to) one.began.add(issue);
        if (from <= one.last && one.last < to) {
          one.ended.set(issue, isClosed(STATES.status[state]));
        }
      }
    });
    return known
      .filter((one) => one.began.size || one.ended.size)
      .sort((one, other) => one.first - other.first || one.id - other.id)
      .map((one) => {
        const done = [...one.ended.values()].filter(Boolean).length;
        return [
          DATA.projects[one.project], one.name, iso(one.first), iso(one.due),
          one.began.size,
          [...one.ended.keys()].filter((issue) => !one.began.has(issue)).length,
          [...one.began].filter((issue) => !one.ended.has(issue)).length,
          done,
          one.ended.size - done,
        ];
      });
  },

  due(choice) {
    return chosenIssues(choice)
      .filter((issue) => isOpen(issue) && ISSUES.due[issue] !== null
        && ISSUES.due[issue] <= DATA.today + 7)
      .sort((one, other) =>
        byName(personName(ISSUES.person[one]), personName(ISSUES.person[other]))
        || ISSUES.due[one] - ISSUES.due[other] || one - other)
      .map((issue) => [
        personName(ISSUES.person[issue]), keyOf(issue), ISSUES.summary[issue],
        iso(ISSUES.due[issue]), DATA.today - ISSUES.due[issue], statusName(issue),
      ]);
  },

  workload(choice) {
    const people = new Map();
    for (const issue of chosenIssues(choice).filter(isOpen)) {
      const person = ISSUES.person[issue];
      const name = personName(person);
      if (!people.has(person)) people.set(person, [name, 0, 0, 0, 0, 0]);
      const row = people.get(person);
      row[1 + whenDue(issue)]++;
      row[5] += Math.max((ISSUES.estimated[issue] ?? 0) - (ISSUES.actual[issue] ?? 0), 0);
    }
    const total = (row) => row[1] + row[2] + row[3] + row[4];
    return [...people]
      .sort(([id, row], [otherId, other]) => total(other) - total(row)
        || byName(row[0], other[0]) || numberOf(id) - numberOf(otherId))
      .map(([, row]) => [...row.slice(0, 5), round(row[5], 2)]);
  },

  hours(choice) {
    const groups = new Map();
    for (const { issue, person, day, hours, isFirst } of hoursLogged(choice)) {
      const month = monthOf(day);
      const key = `${month} ${person}`;
      const group = groups.get(key) ?? { month, person, hours: 0, issues: new Set(), estimate: 0 };
      groups.set(key, group);
      group.hours += hours;
      group.issues.add(issue);
      if (isFirst) group.estimate += ISSUES.estimated[issue] ?? 0;
    }
    return [...groups.values()]
      .filter((one) => one.month >= monthOf(choice.since) && one.month <= choice.until)
      .sort((one, other) => one.month - other.month
        || byName(personName(one.person), personName(other.person))
        || numberOf(one.person) - numberOf(other.person))
      .map((one) => [
        iso(one.month), personName(one.person), round(one.hours, 2), one.issues.size,
        round(one.estimate, 2),
      ]);
  },

  reopened(choice) {
    return chosenIssues(choice)
      .filter((issue) => isWithin(ISSUES.reopenedOn[issue], choice.since, choice.until))
      .sort((one, other) => ISSUES.reopenedOn[other] - ISSUES.reopenedOn[one] || one - other)
      .map((issue) => [
        keyOf(issue), ISSUES.summary[issue], personName(ISSUES.person[issue]),
        ISSUES.reopened[issue], iso(ISSUES.reopenedOn[issue]), statusName(issue),
      ]);
  },

  stale(choice) {
    return chosenIssues(choice)
      .filter((issue) => isOpen(issue) && ISSUES.still[issue] >= 30)
      .sort((one, other) => ISSUES.still[other] - ISSUES.still[one] || one - other)
      .map((issue) => [
        keyOf(issue), ISSUES.summary[issue], personName(ISSUES.person[issue]),
        statusName(issue), ISSUES.still[issue],
      ]);
  },
};

function numberOf(person) {
  return person < 0 ? Infinity : DATA.people[person][0];
}

function isOpen(issue) {
  return !isClosed(ISSUES.status[issue]);
}

function isOverdue(issue) {
  return ISSUES.due[issue] !== null && ISSUES.due[issue] < DATA.today;
}

/** 0 overdue, 1 within seven days, 2 later, 3 without a date. */
function whenDue(issue) {
  if (ISSUES.due[issue] === null) return 3;
  if (isOverdue(issue)) return 0;
  return ISSUES.due[issue] <= DATA.today + 7 ? 1 : 2;
}

function statusName(issue) {
  return DATA.statuses[ISSUES.status[issue]][0];
}

function closedIn(choice) {
  return chosenIssues(choice).filter(
    (issue) => isWithin(ISSUES.closed[issue], choice.since, choice.until));
}

function closedWith(choice, days) {
  return closedIn(choice)
    .filter((issue) => days[issue] !== null)
    .sort((one, other) => ISSUES.closed[one] - ISSUES.closed[other] || one - other)
    .map((issue) => [
      keyOf(issue), ISSUES.summary[issue], iso(ISSUES.closed[issue]), days[issue],
    ]);
}
