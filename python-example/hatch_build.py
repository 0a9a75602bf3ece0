"""Puts ``pmh.wasm`` into the wheel, and refuses to build one without it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CarryModule(BuildHookInterface[Any]):
    """Takes the module from ``$PMH_MODULE``, or from where ``cargo xtask dist`` leaves it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002, hatchling's signature
        """Tell hatchling where the module is, and where it belongs."""
        module = Path(os.environ.get("PMH_MODULE") or Path(self.root).parent / "target/dist/pmh.wasm").resolve()
        if not module.is_file():
            raise FileNotFoundError(f"no {module}: run `cargo xtask dist`, or let PMH_MODULE name a pmh.wasm")
        build_data["force_include"][str(module)] = "pmh/pmh.wasm"
