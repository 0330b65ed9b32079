"""What a practice takes for granted about the tool it has: checked first, for a wrong premise makes wrong advice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from texteval.assess import largest, thing
from texteval.billing import year_total
from texteval.catalog import Catalog
from texteval.errors import UserError, nearest
from texteval.practice import Practice
from texteval.requirements import Requirements


@dataclass(frozen=True)
class Premise:
    """Something that the practice's file says, or rests on, and that cannot be so or must be tested.

    Parameters
    ----------
    id : str
        ``size``, ``account``, ``personal``, ``agreement``, ``price`` or ``cash_only``.
    title : str
        What is wrong, in one sentence.
    why : str
        On what that rests.
    ask : str
        What to find out first.
    ways_out : tuple of str
        Plans, ``vendor/plan``, that the practice may be on or move to instead; the advice is given for each.
    """

    id: str
    title: str
    why: str
    ask: str
    ways_out: tuple[str, ...] = ()


def check(catalog: Catalog, requirements: Requirements, practice: Practice, on: date) -> list[Premise]:
    """Check what a practice says of the tool that it has today, and of the law.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    practice : Practice
        Its size and what it uses now.
    on : datetime.date
        The day of the question.

    Returns
    -------
    list of Premise
        What cannot be so, or must be tested; empty if all is well.

    Raises
    ------
    UserError
        If the plan that it uses now is not in the catalogue.
    """
    found = []
    if practice.now:
        known = catalog.plan_ids(texting=False)
        if practice.now.plan not in known:
            hint = nearest(practice.now.plan, known)
            raise UserError(f"{practice.name}, now.plan: there is no plan '{practice.now.plan}': {hint}")
        checks = (_size, _account, _personal, _agreement, _price)
        found = [premise for one in checks if (premise := one(catalog, practice, practice.now.plan, on))]
    if practice.cash_only:
        found.append(_cash_only(requirements, practice, on))
    return found


def _fits(catalog: Catalog, plan_id: str, practice: Practice) -> bool:
    size = practice.size()
    return all(size[name] <= allowed for name, allowed in largest(catalog, plan_id).items())


def _siblings(catalog: Catalog, vendor_id: str, practice: Practice, on: date) -> list[str]:
    """List the plans of a vendor that are sold, send messages, take a practice of this size and may be agreed on."""
    return [
        plan_id
        for plan_id in catalog.plan_ids()
        if plan_id.partition("/")[0] == vendor_id
        and catalog.plan(plan_id).sold(on)
        and _fits(catalog, plan_id, practice)
        and catalog.fact(plan_id, "baa", None, on).value != "no"
    ]


def _size(catalog: Catalog, practice: Practice, plan_id: str, on: date) -> Premise | None:
    size = practice.size()
    over = [
        f"at most {allowed:,} {thing(name, allowed)}, and you have {size[name]:,}"
        for name, allowed in largest(catalog, plan_id).items()
        if size[name] > allowed
    ]
    if not over:
        return None
    ways = [way for way in _siblings(catalog, plan_id.partition("/")[0], practice, on) if way != plan_id]
    return Premise(
        "size",
        f"{catalog.title(plan_id)} cannot hold your practice.",
        f"It takes {'; '.join(over)}.",
        "Look at your invoice: which plan do you really pay for, and who has a login?",
        tuple(ways),
    )


def _account(catalog: Catalog, practice: Practice, plan_id: str, on: date) -> Premise | None:
    assert practice.now is not None
    account = practice.now.account
    if account not in ("trial", "free") or _is_consumer(catalog, plan_id):
        return None
    lines = catalog.price_lines(plan_id, on)
    if account == "free" and lines and year_total(lines, practice.usage({})) == 0:
        return None  # it is a free plan, and judged as one
    word = "trial" if account == "trial" else "free account"
    return Premise(
        "account",
        f"A {word} of {catalog.title(plan_id)} is no account for client messages.",
        "An agreement is signed for a paid account, and what protects messages is often switched on with it.",
        "Which plan will you pay for, and is the business associate agreement signed for that account?",
        tuple(_siblings(catalog, plan_id.partition("/")[0], practice, on)),
    )


def _is_consumer(catalog: Catalog, plan_id: str) -> bool:
    return catalog.vendors[plan_id.partition("/")[0]].kind == "consumer_app"


def _personal(catalog: Catalog, practice: Practice, plan_id: str, on: date) -> Premise | None:
    assert practice.now is not None
    vendor_id = plan_id.partition("/")[0]
    consumer = _is_consumer(catalog, plan_id)
    if not consumer and practice.now.account != "personal":
        return None
    brand = catalog.vendors[vendor_id].name.split()[0]
    others = [
        other
        for other, vendor in catalog.vendors.items()
        if vendor.name.split()[0] == brand and vendor.kind != "consumer_app"
    ]
    ways = [way for other in others for way in _siblings(catalog, other, practice, on)]
    title = (
        f"{catalog.title(plan_id)} is a consumer app." if consumer else "A personal account is not the business plan."
    )
    ask = (
        "Is the account a private one, or one that an administrator of the practice runs under a signed agreement?"
        if ways
        else "Which clients write to you there, and who tells them where to write instead?"
    )
    why = "Nobody signs a business associate agreement for it, whatever it encrypts."
    return Premise("personal", title, why, ask, tuple(ways))


def _agreement(catalog: Catalog, practice: Practice, plan_id: str, on: date) -> Premise | None:
    if catalog.fact(plan_id, "baa", None, on).value != "no" or _personal(catalog, practice, plan_id, on):
        return None
    ways = [
        way
        for way in _siblings(catalog, plan_id.partition("/")[0], practice, on)
        if catalog.fact(way, "baa", None, on).value in ("yes", "on_request")
    ]
    if not ways:
        return None
    names = " or ".join(catalog.plan(way).name for way in ways[:3]) + (", among others" if len(ways) > 3 else "")
    return Premise(
        "agreement",
        f"{catalog.title(plan_id)} comes without a business associate agreement.",
        f"The vendor signs one on another plan: {names}.",
        "Is an agreement signed, and does it name your plan?",
        tuple(ways),
    )


def _price(catalog: Catalog, practice: Practice, plan_id: str, on: date) -> Premise | None:
    plan, title = catalog.plan(plan_id), catalog.title(plan_id)
    unknown = "While that is unknown, an option that keeps it has no known cost, and stands behind those that have one."
    if not plan.sold(on):
        return Premise(
            "price",
            f"{title} has not been sold since {plan.ended}.",
            f"What it costs those who still have it is not published. {unknown}",
            "Which plan does your invoice name today, and what does it cost?",
            tuple(_siblings(catalog, plan_id.partition("/")[0], practice, on)),
        )
    lines = catalog.price_lines(plan_id, on)
    if lines is not None and year_total(lines, practice.usage({})) is not None:
        return None
    return Premise(
        "price",
        f"What {title} costs is not published.",
        unknown,
        "What do you pay? Write it into a file of your own prices, and name that file with --overlay.",
    )


def _cash_only(requirements: Requirements, practice: Practice, on: date) -> Premise:
    holding = requirements.holding(practice, on)
    also = [one.title for one in holding.values() if one.kind in ("state law", "ethics code")]
    what = f" These hold all the same: {'; '.join(also)}." if also else ""
    return Premise(
        "cash_only",
        "That HIPAA does not apply to a cash-only practice must be tested first.",
        "It applies once anyone sends one standard transaction electronically for you, such as a claim or an "
        f"eligibility check. State law, your code of ethics and your contracts apply without it.{what}",
        "Has anyone ever billed, or checked a client's coverage, electronically for you?",
    )
