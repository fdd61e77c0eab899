"""`sacroplasty doctor`: what is installed, what is missing, and how to get it."""

import json

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty doctor --json"


def doctor(as_json: options.Json = False, debug: options.Debug = False) -> None:
    """Say what is installed, which optional engine is missing and how to get it."""
    del debug
    from sacroplasty.adapters.machine import examine_machine

    found = examine_machine()
    if as_json:
        print(json.dumps(found, indent=2))
        return
    print(f"sacroplasty {found['sacroplasty']}, Python {found['python']}")
    print(f"{found['cores']} cores, {found['memory_gb']:.0f} GB of memory")
    for name, installed in found["libraries"].items():
        print(f"  {name:<24} {installed or 'MISSING: run make install'}")
    print("Optional engines:")
    for engine in found["engines"]:
        state = engine["found"] or f"not installed; {engine['how_to_get']}"
        print(f"  {engine['name']:<24} {engine['used_for']}: {state}")
