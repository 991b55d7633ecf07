"""The page on policies names what there is, and nothing else."""

from __future__ import annotations

import re

import msgspec
import pytest

from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.organizations.rules import OrganizationPolicy
from tests.house.source import ROOT


@pytest.mark.parametrize(
    ("title", "shape"), [("Of an environment", EnvironmentPolicy), ("Of an organization", OrganizationPolicy)]
)
def test_the_page_tells_every_key_of_a_policy(title: str, shape: type[msgspec.Struct]) -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    section = page.partition(f"## {title}\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(shape.__struct_fields__)
