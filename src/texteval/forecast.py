"""What plans cost a practice in simulated futures, which one is the cheapest, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from texteval.catalog import Catalog
from texteval.decide import Comparison, Option
from texteval.drivers import Drivers, drivers
from texteval.errors import UserError, program
from texteval.parameters import Parameters
from texteval.practice import MONTHS
from texteval.simulate import DRAWS, Bills, simulate


@dataclass(frozen=True)
class Forecast:
    """What plans cost a practice in simulated futures.

    Parameters
    ----------
    comparison : Comparison
        The practice, the day, and the verdicts.
    options : tuple of Option
        The plans that were simulated, one for each row of ``bills``.
    bills : Bills
        Their costs.
    parameters : Parameters
        What the futures were drawn from.
    """

    comparison: Comparison
    options: tuple[Option, ...]
    bills: Bills
    parameters: Parameters

    @property
    def hash(self) -> str:
        """The data hash: of catalogue, requirements, practice and parameters."""
        return f"{self.comparison.hash}-{self.parameters.hash}"

    @property
    def cheapest(self) -> Option:
        """The option that costs least on average."""
        return self.options[int(self.bills.cost.mean(axis=1).argmin())]


def contenders(comparison: Comparison, plan_ids: Sequence[str] = ()) -> list[Option]:
    """Choose the options whose costs are worth comparing.

    Parameters
    ----------
    comparison : Comparison
        All options.
    plan_ids : sequence of str
        Plans to take; if left out, the best of each vendor that can be used, is a finished tool, and publishes what it
        charges this practice.

    Raises
    ------
    UserError
        If a plan does not exist or its bill is unknown, or none is left.
    """
    if not plan_ids:
        found = [o for o in comparison.best_of_each if o.shortlisted and o.year is not None and not o.building_block]
        if not found:
            raise UserError(
                f"no tool that {comparison.practice.name} can use publishes what it charges: name plans, or see "
                f"'{program()} compare'"
            )
        return found
    options = [comparison.option(plan_id) for plan_id in dict.fromkeys(plan_ids)]
    unknown = [option.plan for option in options if option.year is None]
    if unknown:
        raise UserError(
            f"what {' and '.join(unknown)} charges is not published in full, so it cannot be simulated: see "
            f"'{program()} bill {unknown[0]}'"
        )
    return options


def forecast(
    catalog: Catalog,
    comparison: Comparison,
    parameters: Parameters,
    plan_ids: Sequence[str] = (),
    *,
    months: int = MONTHS,
    draws: int = DRAWS,
    seed: int = 1,
    tell: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Simulate what plans cost a practice.

    Parameters
    ----------
    catalog, comparison, parameters : Catalog, Comparison, Parameters
        Prices, verdicts, and what may become of the practice.
    plan_ids : sequence of str
        As :func:`contenders` takes them.
    months, draws, seed, tell
        As :func:`texteval.simulate.simulate` takes them.

    Returns
    -------
    Forecast
        The options with their costs in every draw. One that charges what nobody publishes in a draw is left out.
    """
    options = contenders(comparison, plan_ids)
    price_lists = {option.plan: catalog.price_lines(option.plan, comparison.on) or [] for option in options}
    channels = {option.plan: option.coverage.channels for option in options}
    bills = simulate(
        price_lists,
        channels,
        comparison.practice,
        parameters,
        comparison.on.month,
        months=months,
        draws=draws,
        seed=seed,
        tell=tell,
    )
    return Forecast(comparison, tuple(o for o in options if o.plan in bills.plans), bills, parameters)


def moved_by(catalog: Catalog, forecast: Forecast, plan_id: str) -> Drivers:
    """Find what moves the bill of a simulated plan.

    Parameters
    ----------
    catalog : Catalog
        The prices.
    forecast : Forecast
        The simulation, in which the plan is.
    plan_id : str
        The plan.
    """
    comparison = forecast.comparison
    return drivers(
        plan_id,
        catalog.price_lines(plan_id, comparison.on) or [],
        comparison.option(plan_id).coverage.channels,
        comparison.practice,
        forecast.parameters,
        comparison.on.month,
        forecast.bills,
        months=forecast.bills.months,
        seed=forecast.bills.seed,
    )
