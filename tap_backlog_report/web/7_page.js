/* The page: choosers on top, cards below; what is chosen acts on all of them. */

const PRINT_WIDTH = 690;

function start() {
  const cards = [];
  let shown = null;
  const choose = makeChoosers(document.getElementById("choices"), (choice) => {
    shown = choice;
    cards.forEach((card) => card.show(choice));
  });
  CARDS.forEach((card) => {
    const made = makeCard(card, choose);
    document.getElementById("charts").append(made.section);
    cards.push(made);
    made.show(shown);
  });
  const fit = (size) => cards.forEach((card) => card.resize(size));
  addEventListener("resize", () => fit());
  addEventListener("beforeprint", () => fit({ width: PRINT_WIDTH, height: 280 }));
  addEventListener("afterprint", () => fit({ width: "auto", height: "auto" }));
  document.documentElement.dataset.ready = "yes";
}

start();
