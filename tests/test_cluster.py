"""Encoding on a real Ray cluster of this machine, one worker of which is killed in the middle."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mortal import WORK, Opening

from index.cluster import encoded
from index.embed import EncoderError

PROGRAM = """
import sys
from pathlib import Path

import numpy as np
import ray
from mortal import WORK, Letters, Opening, closed

from index.cluster import encoded
from index.embed import EncoderError

ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20, log_to_driver=False)
died = Path(sys.argv[1])
made = list(encoded(Opening(died), "auto", WORK.chunks(0)))
expected = [Letters().encode_passages(chunk, lambda *news: None) for chunk in WORK.chunks(0)]
assert len(made) == len(expected) and died.exists()
for one, other in zip(made, expected, strict=True):
    assert np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])
try:
    list(encoded(closed, "auto", WORK.chunks(0)))
except EncoderError as error:
    print(error)
"""


def test_a_worker_that_dies_loses_nothing_and_an_encoder_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    here = Path(__file__).resolve().parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)]),
        "RAY_USAGE_STATS_ENABLED": "0",
        "HOME": str(tmp_path),
    }
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "died"], env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    last = told.stdout.splitlines()[-1]  # Ray tells of the worker before it
    assert last == "The Ray cluster at “auto” could not encode (There is no encoder here); try again."


def test_without_ray_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EncoderError, match=r"^Ray is not installed; install it .* or give"):
        next(encoded(Opening(None), "auto", WORK.chunks(0)))
