"""Draws: simulated futures of a practice under all plans, against numpy written by hand for some of them.

Run: python run.py bench draws
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import page
from rich.console import Console

from texteval import catalog, decide, parameters, practice, requirements, simulate
from texteval.charges import Allowance

DAY = date(2026, 11, 22)
PRACTICE = "group"
DRAWS, MONTHS, ROUNDS = 100_000, 36, 5
PLANS = (
    "cliniko/standard",
    "therapynotes/group",
    "intakeq-practiceq/practice-management",
    "ringcentral/core",
    "textline/pro",
    "quo/api",
    "twilio/pay-as-you-go",
    "simplepractice/plus",
)
"""What is written out by hand: packages that carry over, allowances, tiers, floors, and one price for each text."""

TITLE = "Simulated futures"


def question() -> tuple[decide.Comparison, parameters.Parameters, dict[str, Any], dict[str, dict[str, str]]]:
    """Load a practice and every plan that can be priced for it."""
    market, rules = catalog.load(), requirements.load()
    comparison = decide.compare(market, rules, *practice.load(PRACTICE), DAY)
    options = [option for option in comparison.options if option.year is not None]
    lists = {option.plan: market.price_lines(option.plan, DAY) or [] for option in options}
    channels = {option.plan: option.coverage.channels for option in options}
    return comparison, parameters.load(), lists, channels


def run(draws: int, months: int) -> None:
    """Simulate once, in a process of its own, and print the peak of its memory in bytes."""
    comparison, own, lists, channels = question()
    simulate.simulate(lists, channels, comparison.practice, own, DAY.month, months=months, draws=draws)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def by_hand(lists: dict[str, Any], usage: dict[str, Any], rise: Any, discount: Any) -> dict[str, tuple[Any, Any, Any]]:
    """Price some plans without any general rule: cost, present value and spread of each draw."""
    lines = {(plan, line.name): line.charge for plan in PLANS for line in lists[plan]}
    clinicians, logins, managers, numbers = (usage[name] for name in ("clinician", "login", "manager", "number"))
    sent, received, texts = usage["segment_out"], usage["segment_in"], usage["message_out"]
    both, further = sent + received, clinicians - 1
    months = len(sent)

    def usd(plan: str, name: str) -> int:
        charge = lines[plan, name]
        return int((charge.then if isinstance(charge, Allowance) else charge).usd)

    def beyond(plan: str, name: str, many: Any, seats: Any = 1) -> Any:
        return usd(plan, name) * np.maximum(many - lines[plan, name].included * seats, 0)

    def result(regular: Any, at_once: Any = 0) -> tuple[Any, Any, Any]:
        regular = np.broadcast_to(regular, (months, sent.shape[1]))
        cost, worth = np.zeros(sent.shape[1], np.int64), np.zeros(sent.shape[1])
        for start in range(0, months, 12):
            year = slice(start, min(start + 12, months))
            factor = (1 + rise) ** (start // 12)
            first = at_once if start == 0 else 0
            paid = regular[year].sum(axis=0) + first
            cost += np.rint(paid * factor).astype(np.int64) if start else paid
            worth += (discount[year] @ regular[year] + first) * factor
        off = (regular - regular[0]).astype(float)
        mean = off.mean(axis=0)
        spread = np.sqrt(np.maximum((off * off).mean(axis=0) - mean * mean, 0))
        return cost, np.rint(worth).astype(np.int64), spread

    found = {}
    plan = "cliniko/standard"
    stairs = lines[plan, "Practitioners"].tiers
    fees = np.array([tier.flat_usd for tier in stairs])
    step = sum((clinicians > tier.up_to).astype(np.int8) for tier in stairs[:-1])
    credits = lines[plan, "SMS credits"]
    bought = -(-np.cumsum(sent, axis=0) // credits.size)
    found[plan] = result(fees[step] + credits.usd * np.diff(bought, axis=0, prepend=0))

    plan = "therapynotes/group"
    found[plan] = result(
        usd(plan, "Group") + usd(plan, "Further clinicians") * further + usd(plan, "Text reminders") * texts
    )
    plan = "intakeq-practiceq/practice-management"
    found[plan] = result(
        usd(plan, "Practice Management")
        + usd(plan, "Further practitioners") * further
        + beyond(plan, "Texts sent", sent, clinicians)
    )
    plan = "ringcentral/core"
    found[plan] = result(usd(plan, "Seats") * logins + beyond(plan, "Texts sent and received", both, logins))
    plan = "textline/pro"
    agents = np.maximum(usd(plan, "Agents") * logins, usd(plan, "At least five agents"))
    found[plan] = result(agents + beyond(plan, "Texts", both) + usd(plan, "Campaign registration"))
    plan = "quo/api"
    more = np.maximum(numbers - lines[plan, "Further numbers"].included * logins, 0)
    seats = usd(plan, "Seats") * logins + usd(plan, "Further numbers") * more
    found[plan] = result(
        seats + usd(plan, "API texts sent") * sent + usd(plan, "SMS campaign"), usd(plan, "SMS registration")
    )
    plan = "twilio/pay-as-you-go"
    amount = usd(plan, "Local number") * numbers + usd(plan, "Campaign")
    for name, many in (("Texts sent", sent), ("Texts received", received)):
        parts = lines[plan, f"Carrier surcharge, {name.lower()}"].parts
        weights = [part.percent * usage["carriers"][part.carrier, part.percent] for part in parts]
        average = sum(w * part.usd for w, part in zip(weights, parts, strict=True)) / sum(weights)
        amount = amount + (usd(plan, name) + np.rint(average).astype(np.int64)) * many
    found[plan] = result(amount, usd(plan, "Brand registration") + usd(plan, "Campaign review"))
    plan = "simplepractice/plus"
    tiers = lines[plan, "Further clinicians"].then.tiers
    unit = np.array([tier.usd for tier in tiers])
    unit = unit[sum((further > tier.up_to).astype(np.int8) for tier in tiers[:-1])]
    yearly = np.where(np.arange(months)[:, None] % 12 == 0, usd(plan, "AMA code licence") * clinicians, 0)
    regular = usd(plan, "Plus") + usd(plan, "Practice managers") * managers + unit * further
    cost, worth, spread = result(regular)
    for start in range(0, months, 12):
        factor = (1 + rise) ** (start // 12)
        paid = np.broadcast_to(regular, (months, sent.shape[1]))[start : start + 12].sum(axis=0)
        both_paid = (paid + yearly[start]) * factor
        cost += (np.rint(both_paid) - np.rint(paid * factor)).astype(np.int64)
    worth = np.rint(
        sum(
            (discount[s : s + 12] @ (np.broadcast_to(regular, (months, sent.shape[1])) + yearly)[s : s + 12])
            * (1 + rise) ** (s // 12)
            for s in range(0, months, 12)
        )
    ).astype(np.int64)
    found[plan] = cost, worth, spread
    return found


def main(arguments: Sequence[str] = ()) -> None:
    draws = int(arguments[0]) if arguments else DRAWS
    comparison, own, lists, channels = question()
    some = {plan: lists[plan] for plan in PLANS}
    sms = dict.fromkeys(comparison.practice.purposes, "sms")
    with page.progress() as bar:
        task = bar.add_task("simulated futures", total=3 * ROUNDS + 2)

        def done() -> None:
            bar.advance(task)

        child = subprocess.run(
            [sys.executable, __file__, "--once", str(draws), str(MONTHS)], check=True, capture_output=True, text=True
        )
        memory = int(child.stdout)
        done()
        rng = np.random.default_rng(1)
        size = simulate.PART_DRAWS
        values = {name: simulate.quantile(own[name], rng.random(size)) for name in simulate.DRAWN}
        lived = simulate.future(comparison.practice, values, own, MONTHS, DAY.month, rng)
        usage = lived.usage(comparison.practice, sms)
        most = {meter: int(many.max()) for meter, many in usage.items()}
        parties = simulate.carrier_parts(some)
        usage["carriers"] = simulate.carrier_weights(parties, values["carrier_mix"], [1, 0, 0])
        rise, discount = values["price_rise"], 1.05 ** (-np.arange(MONTHS) / 12)

        def by_texteval() -> dict[str, tuple[Any, Any, Any]]:
            served = simulate.Served(usage, most, MONTHS)
            return {plan: simulate.bill(some[plan], served, rise, discount) for plan in PLANS}

        ours, theirs = by_texteval(), by_hand(some, usage, rise, discount)
        for plan in PLANS:
            for what, a, b in zip(("cost", "present value", "spread"), ours[plan], theirs[plan], strict=True):
                apart = float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max())
                if apart > (0 if what == "cost" else 2):  # micro-dollars: the order of additions
                    sys.exit(f"{plan}: {what} differs by {apart} micro-dollars, so nothing is timed.")
        done()
        whole, quick, hand = page.in_turns(
            [
                lambda: simulate.simulate(
                    lists, channels, comparison.practice, own, DAY.month, months=MONTHS, draws=draws
                ),
                lambda: [by_texteval() for _ in range(10)],
                lambda: [by_hand(some, usage, rise, discount) for _ in range(10)],
            ],
            ROUNDS,
            done,
        )
    count = draws if draws % 16 == 0 and (draws // 16).bit_count() == 1 else 16 * 2 ** int(np.ceil(np.log2(draws / 16)))
    bills = len(lists) * count * MONTHS
    table = page.Table(
        ("", "result", "bar"),
        [
            ("pricing, against numpy by hand for the same plans", f"{quick.best / hand.best:.2f} ×", "at most 1.3 ×"),
            ("peak memory", f"{memory / 1e9:.2f} GB", "under 1.5 GB"),
            (f"{count:,} futures × {len(lists)} plans × {MONTHS} months", f"{whole.best:.1f} s", ""),
            ("for each plan and month, drawing included", f"{whole.best / bills * 1e9:.1f} ns", ""),
        ],
    )
    console = Console()
    console.print(table.terminal(TITLE), highlight=False)
    if draws == DRAWS:
        note = (
            f"{len(PLANS)} plans were written out by hand, in arrays of {simulate.PART_DRAWS:,} draws, with the same "
            "results: cost to the micro-dollar, present value and spread to two. One core for these two; all cores for "
            "the whole, which also draws the futures."
        )
        measured = page.machine("numpy", "scipy")
        again = "To run it again: `python run.py bench draws`."
        page.put(TITLE, f"{measured} {again}\n\n{table.markdown()}\n{note}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        run(*map(int, sys.argv[2:4]))
    else:
        main(sys.argv[1:])
