/* The page: choosers on top, cards below; what is chosen acts on all of them. */

const PAPER = [690, 283]; // A4 without its margins, and 75 mm
const FIRST_CARDS = 3;

/** Shows cards one after the other, so that the page answers meanwhile. */
class Queue {
  constructor() {
    this.waiting = [];
    this.timer = null;
  }

  /** Shows the cards; those that wait from before are forgotten. */
  start(cards, choice) {
    clearTimeout(this.timer);
    document.documentElement.dataset.ready = "no";
    this.waiting = cards.map((card) => () => card.show(choice));
    this.step(FIRST_CARDS);
  }

  /** Shows some of the cards that wait now, and the others soon. */
  step(count) {
    this.waiting.splice(0, count).forEach((show) => show());
    if (this.waiting.length) this.timer = setTimeout(() => this.step(1));
    else document.documentElement.dataset.ready = "yes";
  }

  /** Shows all cards that wait, now. */
  finish() {
    clearTimeout(this.timer);
    this.step(this.waiting.length);
  }
}

function start() {
  const cards = [];
  const queue = new Queue();
  let choose = null;
  CARDS.forEach((card) => {
    const made = makeCard(card, (...wanted) => choose(...wanted));
    document.getElementById("charts").append(made.section);
    cards.push(made);
  });
  choose = makeChoosers(document.getElementById("choices"),
    (choice) => queue.start(cards, choice));
  // The address holds the choice, so the link must not change it.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("charts").focus();
  });
  const fit = (...size) => cards.forEach((card) => card.resize(...size));
  addEventListener("resize", () => fit("auto", "auto"));
  addEventListener("beforeprint", () => {
    queue.finish();
    fit(...PAPER);
  });
  addEventListener("afterprint", () => fit("auto", "auto"));
}

start();
