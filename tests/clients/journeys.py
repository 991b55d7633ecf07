"""The SDKs whose journeys are told, and what one gave back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SDKS = ("node-v8", "node-v10", "node-v11", "python-v5", "python-v10")


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What one SDK gave back on one engine."""

    sdk: str
    base_url: str
    client_id: str
    results: dict[str, Any]

    @property
    def family(self) -> str:
        """Name the SDKs that share their error classes."""
        return "node" if self.sdk.startswith("node") else self.sdk

    def took(self, step: str) -> bool:
        """Say whether this SDK can take the step."""
        return step in self.results

    def value(self, step: str) -> Any:
        """Give what a step gave back; fail with its error when it raised."""
        result = self.results[step]
        assert "value" in result, f"{self.sdk}: {step} raised {result['error']}"
        return result["value"]

    def error(self, step: str) -> dict[str, Any]:
        """Give what a step raised; fail with its value when it did not."""
        result = self.results[step]
        assert "error" in result, f"{self.sdk}: {step} was not refused: {result['value']}"
        error: dict[str, Any] = result["error"]
        return error

    def called(self, step: str) -> list[str]:
        """Name the SDK's methods that a step called."""
        names: list[str] = self.results[step]["called"]
        return names
