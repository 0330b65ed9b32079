// The calculator of the report: other numbers in, the same verdicts and bills out, on this page alone.
//
// It prices by the rules of texteval's billing.py, line by line, and orders by those of decide.py. Every number of the
// engine is a BigInt and every amount a whole number of micro-dollars, so that nothing is rounded but once, to cents.
(function () {
"use strict";

const $ = (id) => document.getElementById("calculator-" + id);
const data = JSON.parse($("data").textContent, (key, value) => (typeof value === "number" ? BigInt(value) : value));
const own = data.own;
const MONTHS = Array.from({ length: 12 }, (_, month) => BigInt(month));

// Whole numbers.

const floor = (a, b) => (a % b < 0n ? a / b - 1n : a / b);
const up = (a, b) => -floor(-a, b);
const halfUp = (a, b) => floor(2n * a + b, 2n * b);
const least = (a, b) => (a < b ? a : b);
const most = (a, b) => (a > b ? a : b);
const size = (a) => (a < 0n ? -a : a);
const sum = (amounts) => (amounts.includes(null) ? null : amounts.reduce((a, b) => a + b, 0n));
const cents = (micro) => (micro < 0n ? -1n : 1n) * halfUp(size(micro), 10000n);

// The charge models: what a quantity costs; null is a price that nobody publishes.

const RATES = {
  flat: (rate, many) => rate.usd * least(many, 1n),
  per_unit: (rate, many) => rate.usd * many,
  package: (rate, many) => rate.usd * up(many, rate.size),
  unpublished: (rate, many) => (many ? null : 0n),
  volume(rate, many) {
    const tier = rate.tiers.find((tier) => tier.up_to === null || many <= tier.up_to);
    return tier.usd * many + (many ? tier.flat : 0n);
  },
  graduated(rate, many) {
    let total = 0n, below = 0n;
    for (const tier of rate.tiers) {
      const inside = most((tier.up_to === null ? many : least(many, tier.up_to)) - below, 0n);
      total += tier.usd * inside + tier.flat * least(inside, 1n);
      below = tier.up_to;
    }
    return total;
  },
};

// Charges on other lines: what they add to a subtotal.

const GROUPS = {
  percent(group, subtotal) {
    const points = size(group.points), whole = floor(subtotal, 10000n);
    const change = whole * points + halfUp((subtotal - whole * 10000n) * points, 10000n);
    return group.points < 0n ? -change : change;
  },
  maximum: (group, subtotal) => -most(subtotal - group.usd, 0n),
  minimum: (group, subtotal) => most(group.usd - subtotal, 0n),
};

const counted = (line, usage) => line.meter.reduce((total, meter) => total + (usage[meter] || 0n), 0n);

function billed(line, usage) {
  const many = counted(line, usage);
  if (line.included === undefined) return many;
  return most(many - line.included * (line.per ? usage[line.per] || 0n : 1n), 0n);
}

function amount(line, usage, before) {
  if (!line.rollover) return RATES[line.model](line, billed(line, usage));
  const earlier = counted(line, before);  // what was bought and not used carries over
  return RATES.package(line, earlier + counted(line, usage)) - RATES.package(line, earlier);
}

// Price a month, line by line; group charges come last in a price list. A line that is left out is never due.
function priceMonth(lines, usage, month, before, leftOut) {
  const due = [], amounts = [];
  lines.forEach((line, i) => {
    const group = line.on !== undefined;
    due[i] = !leftOut(line) && (group ? line.on.some((j) => due[j]) : month % line.every === 0n);
    if (!due[i]) {
      amounts[i] = 0n;
    } else if (group) {
      const subtotal = sum(line.on.map((j) => amounts[j]));
      amounts[i] = subtotal === null ? null : GROUPS[line.model](line, subtotal);
    } else {
      amounts[i] = amount(line, usage, before);
    }
  });
  return amounts;
}

// A year of every line: for each its twelve months.
function priceYear(lines, months, leftOut = () => false) {
  const before = {}, rollover = lines.some((line) => line.rollover);
  const columns = months.map((usage, month) => {
    const amounts = priceMonth(lines, usage, MONTHS[month], before, leftOut);
    if (rollover) for (const meter in usage) before[meter] = (before[meter] || 0n) + usage[meter];
    return amounts;
  });
  return lines.map((_, i) => columns.map((column) => column[i]));
}

// Each line is rounded to cents once; a total is the sum of its printed lines.
const printed = (years) =>
  years.map(sum).reduce((total, year) => (year === null ? total : total + cents(year) * 10000n), 0n);

// A year's bill: in all (null where a price is unknown), the part that is published, and the marks that its lines bear.
function bill(lines, months) {
  if (lines === null) return { year: null, atLeast: null, old: false, yours: false };
  const years = priceYear(lines, months), known = !years.some((year) => year.includes(null));
  let atLeast = printed(years);
  if (!known) atLeast = least(atLeast, printed(priceYear(lines, months, (line) => line.model === "unpublished")));
  const stands = lines.filter((line, i) =>
    line.on ? years[i].some((month) => month !== 0n) : months.some((usage) => billed(line, usage)));
  return {
    year: known ? atLeast : null, atLeast,
    old: stands.some((line) => line.old), yours: stands.some((line) => line.yours),
  };
}

// The practice that the reader's numbers stand for: as calculator.py's practice_for has it.

function yearly(inputs) {
  return inputs.messages === own.messages ? data.practice.sent : inputs.messages * data.practice.weeks;
}

function practiceFor(inputs, sent) {
  const practice = data.practice;
  const scaled = (many, by) => (own[by] ? halfUp(many * inputs[by], own[by]) : many);
  const received = inputs.replies === own.replies
    ? halfUp(practice.received * sent, practice.sent) : halfUp(inputs.replies * sent, 100n);
  const all = { out: sent, in: received }, below = { out: 0n, in: 0n }, whole = { out: 0n, in: 0n };
  for (const kind of data.kinds) if (kind.purpose !== "team") whole[kind.way] += kind.many;
  const counts = data.kinds.map((kind) => {
    if (kind.purpose === "team") return halfUp(sent * kind.many, practice.sent);
    const start = below[kind.way], of = whole[kind.way];
    below[kind.way] += kind.many;
    return halfUp(all[kind.way] * below[kind.way], of) - halfUp(all[kind.way] * start, of);
  });
  const clients = practice.clients === null ? inputs.sessions : scaled(practice.clients, "sessions");
  const logins = inputs.clinicians + inputs.staff, locations = practice.locations;
  return {
    counts,
    year: { session: inputs.sessions * practice.weeks, claim: scaled(practice.claims, "sessions") * 12n },
    seats: {
      account: 1n, clinician: inputs.clinicians, staff: inputs.staff, manager: scaled(practice.managers, "staff"),
      login: logins, number: practice.numbers, location: locations,
      active_client: clients,
    },
    size: {
      clinicians: inputs.clinicians, logins, locations, active_clients: clients,
      sessions_per_month: up(inputs.sessions * practice.weeks, 12n),
    },
  };
}

class TooMany extends Error {}

// Twelve months of counts by meter, in whole units that add up to the year.
function usage(practice, channels, segments) {
  const year = { ...practice.year };
  const add = (meter, many) => { year[meter] = (year[meter] || 0n) + many; };
  data.kinds.forEach((kind, i) => {
    const many = practice.counts[i], channel = channels[kind.purpose], out = kind.way === "out";
    if (channel === "sms") {
      add("message_" + kind.way, many);
      add("segment_" + kind.way, many * (segments && out && kind.purpose !== "team" ? segments : kind.segments));
    } else if (channel === "mms") {
      add("mms_" + kind.way, many);
    } else if (channel === "secure_message") {
      add("secure_message", many);
    }
    if (channel && kind.purpose === "practice_notice" && out) add("broadcast", many);
  });
  const months = MONTHS.map((month) => {
    const counts = { ...practice.seats };
    for (const meter in year) counts[meter] = (year[meter] * (month + 1n)) / 12n - (year[meter] * month) / 12n;
    return counts;
  });
  for (const [meter, many] of Object.entries(months[11])) {
    if (many > data.most) {
      throw new TooMany(`${number(many)} ${data.meters[meter]} a month are too many: ` +
        `texteval prices up to ${number(data.most)}.`);
    }
  }
  return months;
}

// Every plan with its verdict and bill, in the order of decide.py.
function price(inputs, sent = yearly(inputs), plans = data.plans) {
  const practice = practiceFor(inputs, sent), team = practice.size.logins > 1n ? 1 : 0, months = {};
  const options = plans.map((source) => {
    const { plan, title, block, limits } = source;
    const over = Object.keys(limits).filter((limit) => practice.size[limit] > limits[limit]);
    const found = source.cases[team][over.length ? 1 : 0], way = found.channels, verdict = Number(found.verdict);
    months[way] = months[way] || usage(practice, data.channels[way], inputs.segments);
    const costs = bill(source.lines, months[way]);
    const why = found.why || `It takes at most ${over.map((limit) => limited(limit, limits[limit])).join(" and ")}.`;
    const cost = [costs.year === null ? 1n : 0n, costs.year || 0n], ladder = [0n, 0n, 1n, 2n][verdict];
    const order = ladder === 2n ? [ladder, found.heavy, found.points, plan]
      : [ladder, block, found.heavy, ...cost, found.points, plan];
    return { ...costs, source, plan, title, block, verdict, found, why, order };
  });
  return options.sort((a, b) => {
    const i = a.order.findIndex((part, i) => part !== b.order[i]);
    return i < 0 ? 0 : a.order[i] < b.order[i] ? -1 : 1;
  });
}

// How a text is sent: as messages.py has it.
function segmentsOf(text) {
  const one = new Set(data.alphabet.one), two = new Set(data.alphabet.two), signs = Array.from(text);
  const forcing = signs.find((sign) => !one.has(sign) && !two.has(sign)), plain = forcing === undefined;
  const encoding = plain ? "GSM-7" : "UCS-2";
  const sizes = signs.map((sign) => BigInt(plain ? (two.has(sign) ? 2 : 1) : sign.length)), units = sum(sizes);
  let segments = 1n, filled = 0n;
  for (const wide of units > data.single[encoding] ? sizes : []) {
    if (filled + wide > data.part[encoding]) { segments += 1n; filled = 0n; }
    filled += wide;
  }
  return { encoding, units, segments, forcing };
}

// Words.

const number = (many) => many.toString().replace(/\B(?=(\d{3})+$)/g, ",");
const count = (many, thing) => `${number(many)} ${thing}${BigInt(many) === 1n ? "" : "s"}`;
const isolated = (name) => `\u2068${name}\u2069`;

function limited(limit, allowed) {
  const things = limit.replace(/_/g, " ");
  return `${number(allowed)} ${allowed === 1n ? things.replace(/s( per month)?$/, "$1") : things}`;
}

function show(micro) {
  const whole = cents(micro), rest = (size(whole) % 100n).toString().padStart(2, "0");
  return `${whole < 0n ? "-" : ""}$${number(size(whole) / 100n)}.${rest}`;
}

function cost(option, parts) {
  const star = option.old ? "*" : "";
  if (option.year !== null) return show(floor(option.year, parts)) + star;
  return option.atLeast ? `from ${show(floor(option.atLeast, parts))}${star}` : "unknown";
}

const costs = (option) => (option.year === null && !option.atLeast ? "at a price that is not published"
  : `${cost(option, 12n)} a month (${cost(option, 1n)} in the first year)`);

function summary(inputs, usable, without) {
  const proven = BigInt(usable.filter((option) => option.verdict < 2).length), [first] = usable;
  const whom = `${count(inputs.clinicians, "clinician")}, ${number(inputs.staff)} other staff, ` +
    `${count(inputs.messages, "message")} sent a week:`;
  const barred = `${count(without.length, "vendor")} ${without.length === 1 ? "has" : "have"} no plan that may be used.`;
  if (!first) return `${whom} no tool may be used. ${barred}`;
  const best = `${isolated(first.title)}, ${costs(first)}`;
  if (!proven) return `${whom} no tool is proven; look first at ${best}, once its open points are settled. ${barred}`;
  const more = BigInt(usable.length) - proven;
  return `${whom} ${count(proven, "tool")} ${proven === 1n ? "is" : "are"} proven, first ${best}; ` +
    `${number(more)} more to verify first. ${barred}`;
}

// The page. Words from the data become text, never markup.

const SVG = new Set(["svg", "path", "line", "text", "circle", "title", "desc"]);

function make(tag, attributes, ...children) {
  const element = document.createElementNS(`http://www.w3.org/${SVG.has(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const soft = (words) => make("div", { class: "soft" }, words);
const cell = (words) => make("td", { class: "number" }, words);
const vendorOf = (option) => option.plan.split("/")[0];

function named(option) {
  const name = make("bdi", {}, option.title), place = "v-" + vendorOf(option);
  return document.getElementById(place) ? make("a", { href: "#" + place }, name) : name;
}

function row(option) {
  const word = data.verdicts[option.verdict], { points, heavy } = option.found;
  const verdict = make("span", { class: `verdict ${word.replace(/ /g, "-")}` }, `${data.marks[option.verdict]} ${word}`);
  const open = points ? [soft(`${number(points)} open` + (heavy ? `, ${number(heavy)} grave` : ""))] : [];
  const block = option.block ? [soft("building block: needs software around it")] : [];
  return make("tr", {}, make("th", { scope: "row" }, named(option), ...block), make("td", {}, verdict, ...open),
    cell(cost(option, 12n)), cell(cost(option, 1n) + (option.yours ? " (yours)" : "")));
}

// The curves: a twelfth of the first year at each volume, of the cheapest finished tools and the first proven one.

const CURVES = 5, POINTS = 48n;
const COLOURS = ["#0072B2", "#B85400", "#00785A", "#A8487F", "#595959"];
const DASHES = ["", "9 4", "2 4", "12 4 2 4", "5 3"];
const letter = (i) => "ABCDE"[i];

function curves(inputs, usable) {
  const known = usable.filter((option) => option.year !== null && !option.block);
  const proven = known.find((option) => option.verdict < 2);
  const drawn = [...known].sort((a, b) => (a.year < b.year ? -1 : a.year > b.year ? 1 : 0)).slice(0, CURVES);
  if (proven && !drawn.includes(proven)) drawn[drawn.length - 1] = proven;
  const sent = yearly(inputs), top = most(2n * sent, 1200n);
  const volumes = new Set([sent, ...Array.from({ length: Number(POINTS) + 1 }, (_, i) => (top * BigInt(i)) / POINTS)]);
  const priced = [...volumes].sort((a, b) => (a < b ? -1 : 1)).map((volume) => [volume, at(inputs, volume, drawn)]);
  return drawn.map((option, i) => {
    const points = priced.map(([volume, found]) => [volume, found && found[i].year]);
    return { option, points: points.filter(([, year]) => year !== null) };
  });
}

// Plans at another volume; nothing where that is more than is priced.
function at(inputs, volume, options) {
  try {
    const found = price(inputs, volume, options.map((option) => option.source));
    return options.map(({ plan }) => found.find((option) => option.plan === plan));
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

// A round step of which some five fill a length.
function step(length) {
  const ten = 10 ** Math.floor(Math.log10(length / 5));
  return ten * ([1, 2, 5].find((times) => times * ten >= length / 5) || 10);
}

function draw(inputs, lines) {
  const box = $("chart"), wide = Math.max(box.clientWidth, 280), roomy = wide >= 560;
  const high = 320, left = 58, right = roomy ? 212 : 26, top = 24, bottom = 44, floorLine = high - bottom;
  const points = lines.map((line) => line.points.map(([volume, year]) => [Number(volume) / 12, Number(year) / 12e6]));
  const last = Math.max(...points.flat().map(([messages]) => messages)), dear = Math.max(...points.flat().map(([, usd]) => usd), 1);
  const x = (messages) => left + (messages / last) * (wide - left - right);
  const y = (usd) => floorLine - (usd / dear) * (floorLine - top);
  const label = (across, down, words, more) => make("text", { x: across, y: down, "text-anchor": "middle", ...more }, words);
  const svg = make("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-labelledby": "calculator-title calculator-desc" });
  for (let usd = 0; usd <= dear; usd += step(dear)) {
    svg.append(make("line", { x1: left, x2: wide - right, y1: y(usd), y2: y(usd), class: "grid" }),
      label(left - 6, y(usd) + 4, "$" + usd.toLocaleString("en-US"), { "text-anchor": "end" }));
  }
  for (let messages = 0; messages <= last; messages += step(last) * (roomy ? 1 : 2)) {
    svg.append(label(x(messages), floorLine + 18, messages.toLocaleString("en-US")));
  }
  const sent = number(halfUp(yearly(inputs), 12n)), here = x(Number(yearly(inputs)) / 12);
  svg.append(label((left + wide - right) / 2, high - 6, "messages sent a month"),
    label(4, 14, "cost a month", { "text-anchor": "start" }),
    make("line", { x1: here, x2: here, y1: top, y2: floorLine, class: "here" }),
    label(Math.max(here, left + 80), 14, `this practice: ${sent}`, { class: "strong" }));
  // At the end of each line its letter and, where there is room, its name; pushed apart where lines end close together.
  const ends = points.map((line, i) => ({ i, down: y(line[line.length - 1][1]) })).sort((a, b) => a.down - b.down);
  ends.forEach((end, i) => { if (i) end.down = Math.max(end.down, ends[i - 1].down + 15); });
  ends.reduceRight((below, end) => (end.down = Math.min(end.down, below - 15)), floorLine + 15);
  for (const { i, down } of ends) {
    const path = points[i].map(([messages, usd]) => `${x(messages).toFixed(1)} ${y(usd).toFixed(1)}`).join("L");
    const signs = Array.from(lines[i].option.title), name = signs.length > 23 ? signs.slice(0, 22).join("") + "…" : signs.join("");
    svg.append(make("path", { d: "M" + path, stroke: COLOURS[i], "stroke-dasharray": DASHES[i] }),
      make("circle", { cx: here, cy: y(Number(lines[i].option.year) / 12e6), r: 3.5, fill: COLOURS[i] }),
      label(wide - right + 6, down + 4, letter(i) + (roomy ? " " + isolated(name) : ""),
        { "text-anchor": "start", class: "strong", style: `fill: ${COLOURS[i]}` }));
  }
  const says = lines.map(({ option }, i) => `${letter(i)}, ${isolated(option.title)}: ${cost(option, 12n)}`).join("; ");
  svg.prepend(make("title", { id: "calculator-title" }, "Cost a month by messages sent a month"), make("desc", { id: "calculator-desc" },
    `At the ${sent} messages a month of this practice: ${says}. The table below has other volumes.`));
  box.replaceChildren(svg);
}

// The same as a table: at none, half, all and twice the practice's messages.
function table(inputs, lines) {
  const sent = yearly(inputs), volumes = [0n, sent / 2n, sent, 2n * sent];
  const options = lines.map((line) => line.option), columns = volumes.map((volume) => at(inputs, volume, options));
  const heads = volumes.map((volume) => make("th", { scope: "col", class: "number" }, number(halfUp(volume, 12n))));
  const rows = lines.map(({ option }, i) => {
    const key = make("span", { class: "key", style: `color: ${COLOURS[i]}` }, letter(i));
    const cells = columns.map((found) => cell(found ? cost(found[i], 12n) : "too many"));
    return make("tr", {}, make("th", { scope: "row" }, key, " ", make("bdi", {}, option.title)), ...cells);
  });
  const head = make("tr", {}, make("th", { scope: "col" }, "Messages sent a month"), ...heads);
  $("volumes").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
}

const ROWS = 8;
let redraw = () => {};

function update(inputs) {
  const best = new Map();  // one option of each vendor: its best
  for (const option of price(inputs)) if (!best.has(vendorOf(option))) best.set(vendorOf(option), option);
  const usable = [...best.values()].filter((option) => option.verdict < 3);
  const without = [...best.values()].filter((option) => option.verdict === 3), more = Math.max(usable.length - ROWS, 0);
  $("summary").textContent = summary(inputs, usable, without);
  $("usable").hidden = !usable.length;
  $("rows").replaceChildren(...usable.slice(0, ROWS).map(row));
  $("more").hidden = !more;
  $("more-count").textContent = `${number(more)} more that may be used, now or once their open points are settled`;
  $("more-rows").replaceChildren(...usable.slice(ROWS).map(row));
  $("out").hidden = !without.length;
  $("out-count").textContent = `${count(without.length, "vendor")} without a plan that may be used`;
  $("out-list").replaceChildren(...without.map((option) => make("li", {}, named(option), `: ${option.why}`)));
  const lines = curves(inputs, usable);
  $("curves").hidden = !lines.length;
  redraw = () => { if (lines.length) draw(inputs, lines); };
  redraw();
  table(inputs, lines);
}

// The fields. Sessions follow the clinicians, and messages the sessions, until one puts in one's own.

const form = $("form"), touched = new Set(), whole = (field) => /^\d{1,7}$/.test(field.value);

function follow() {
  for (const [name, by, many, of] of [
    ["sessions", "clinicians", own.sessions, own.clinicians],
    ["messages", "sessions", data.practice.sent, own.sessions * data.practice.weeks],
  ]) {
    if (touched.has(name) || !of || !whole($(by))) continue;
    const value = BigInt($(by).value);
    $(name).value = value === own[by] ? own[name] : halfUp(many * value, of);
  }
}

function refresh() {
  const text = $("text").value, sent = segmentsOf(text), inputs = { segments: text ? sent.segments : null };
  $("segments").textContent = !text ? "Empty: as long as the texts of the report." :
    `Billed as ${count(sent.segments, "segment")}: ${count(sent.units, "unit")} in ${sent.encoding}` +
    (sent.forcing === undefined ? "." : `, because of ${isolated(sent.forcing)}.`);
  let fault = "";
  for (const field of form.querySelectorAll("input")) {
    const wrong = !whole(field) || +field.value < +field.min || +field.value > +field.max;
    field.setAttribute("aria-invalid", wrong);
    if (!wrong) inputs[field.name] = BigInt(field.value);
    else fault = fault || `${field.labels[0].textContent}: write a whole number from ${number(field.min)} to ${number(field.max)}.`;
  }
  try {
    if (!fault) update(inputs);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    fault = error.message;
  }
  $("fault").textContent = fault && `${fault} The results below are still those of before.`;
}

form.reset();  // a browser that goes back keeps what was typed
form.addEventListener("input", (event) => { touched.add(event.target.name); follow(); refresh(); });
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => { touched.clear(); setTimeout(refresh); });
addEventListener("resize", () => redraw());
$("calculator").hidden = false;
refresh();

// The engine alone, for those who want to check it: plain numbers in; texts out, amounts in micro-dollars.
window.texteval = {
  price(inputs) {
    const whole = Object.entries(inputs).map(([name, value]) => [name, value === null ? null : BigInt(value)]);
    return price(Object.fromEntries(whole)).map((option) => ({
      plan: option.plan, verdict: data.verdicts[option.verdict], month: cost(option, 12n), first: cost(option, 1n),
      year: String(option.year), atLeast: String(option.atLeast),
    }));
  },
  segments(text) {
    const { encoding, units, segments } = segmentsOf(text);
    return [encoding, Number(units), Number(segments)];
  },
};
})();
