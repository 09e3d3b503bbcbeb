"""What the load program reckons from what its users did."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import load


def test_memory_that_grows_and_a_server_that_recovers_are_told() -> None:
    waits = [load.Act("opening", float(at), 9.0 if at < 10 else 0.5, int(at < 10), "") for at in range(40)]
    phase = load.Phase(50, 40.0, waits, [(float(at), 100.0 + at) for at in range(0, 101)])
    assert abs(load.growth(phase) - (195 / 125 - 1)) < 1e-9
    assert load.recovered(phase, 0.0, 0.6) == 15
    assert load.recovered(phase, 10.0, 0.6) == 5
    assert load.recovered(phase, 0.0, 0.4) == float("inf")
    told = load.figures({"alone": phase, "many": phase, "many, burst": phase}, 0.0)
    assert told["many"]["busy"] == 10 and told["many"]["p95"] == 9.0 and told["p95 over one user's"] == 1
