"""The JSON Schemas of the data files, generated from the models; editors use them while a person types.

``python -m texteval.schema`` writes them anew into ``data/schema``.
"""

from __future__ import annotations

import json

import pydantic

from texteval.catalog import Attributes, VendorFile
from texteval.circumstances import CircumstanceFile
from texteval.criteria import CriteriaFile
from texteval.exposure import ExposureFile
from texteval.files import data_folder, write_whole
from texteval.kit.documents import KitFile
from texteval.kit.promises import PromiseFile
from texteval.parameters import ParameterFile
from texteval.practice import PracticeFile
from texteval.requirements import RequirementFile
from texteval.start import Interview
from texteval.wording import WordingFile

MODELS: dict[str, type[pydantic.BaseModel]] = {
    "attributes": Attributes,
    "vendors": VendorFile,
    "requirements": RequirementFile,
    "circumstances": CircumstanceFile,
    "practices": PracticeFile,
    "practice_parameters": ParameterFile,
    "criteria": CriteriaFile,
    "exposure": ExposureFile,
    "wording": WordingFile,
    "interview": Interview,
    "kit/kit": KitFile,
    "kit/promises": PromiseFile,
}
"""The model of each data file."""


def schemas() -> dict[str, str]:
    """Generate the schemas.

    Returns
    -------
    dict of str to str
        For each file name its text.
    """
    return {
        f"{name}.schema.json": json.dumps(model.model_json_schema(by_alias=True), indent=1, ensure_ascii=False) + "\n"
        for name, model in MODELS.items()
    }


def main() -> None:
    """Write the schemas into ``data/schema``."""
    for name, text in schemas().items():
        write_whole(data_folder() / "schema" / name, text)


if __name__ == "__main__":
    main()
