"""Train the reader on the items of `reader_items.py`.

    python scripts/train_reader.py [--items build/reader/items.pickle.gz] [--work build/reader] [--epochs 4] [--seed 0]
                                   [--layers 6] [--frozen 0] [--teachers CHECKPOINT ...] [--minutes M]
                                   [--start PATH ...] [--dropout 0.1]

The model (`reader_model.py`): MiniLM, question and passage in one input; each sentence is the mean of its token
states; its score comes from its state, its product with the question's, [CLS], and the cosine of sentence and
question. A passage's scores stand against a constant 0 for "not here", so that they compare across passages and
documents. Loss: the share of the gold sentences against the rest of their passage and "not here"; the same for passages
without an answer; and the share of the gold sentences among all sentences of the right passage and the hard
negatives. With --teachers most of the loss is instead how far the same shares are from those of the teachers' mean
scores (distillation: Hinton et al. 2015).

The word pieces' embeddings stay as they were: words that no question holds keep their place beside those that do.
Checkpoints stand in --work; run again, it goes on from the last. Uses a GPU where there is one, in bfloat16, which
some processors (AVX-512 BF16, AMX) multiply several times as fast as float32, too. Held out by essay, book, article and
pair; figures on them are printed as it goes and kept in log.jsonl.
"""

import argparse
import gzip
import json
import math
import pickle
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from reader_batches import Questions, Steps, Tests, stream
from reader_model import Reader
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Subset

from qa.windows import Batch

ROOT = Path(__file__).resolve().parent.parent
LAYERS = 6
HEAD_RATE = 1e-3
WARM_UP = 0.06
HARD = 0.3
"""Share of the loss that is of the marks themselves where there are teachers."""
GROUPS = {"cuda": 2, "cpu": 10}
"""In so many groups of like length the windows of a batch are read."""
ATTENTION = {"cuda": "sdpa", "cpu": "eager"}
"""The quicker way of reckoning it."""
BFLOAT16 = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)()
"""Whether this processor multiplies in bfloat16."""
NOTHING = -1e4
"""The score of a place where no sentence stands."""
TESTED = ("held", "pairs held", "squad held")
OURS = ("own", "books", "pairs")
OUTSIDE = ("squad", "scifact", "perspectrum")


def scores(model: Reader, questions: Questions, device: str) -> Tensor:
    """Shape (questions, passages, sentences): each sentence's log-odds, the best of its windows; else NOTHING."""
    put = lambda array: torch.from_numpy(array).to(device)  # noqa: E731
    parts = [model(*(put(getattr(part, name)) for name in Batch.__slots__)) for part in questions.windows]
    given = torch.cat([part.float().flatten() for part in parts])
    empty = given.new_full((questions.gold.size,), NOTHING)
    found = empty.scatter_reduce(0, put(questions.target), given[put(questions.source)], "amax")
    return found.view(questions.gold.shape)


def mixed(device: str) -> torch.autocast:
    """Products in bfloat16, where the device is made for it."""
    return torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or BFLOAT16)


def with_none(scored: Tensor) -> Tensor:
    """The scores of each passage with that of "not here" before them."""
    return functional.pad(scored, (1, 0))


def loss(scored: Tensor, gold: Tensor) -> Tensor:
    """The mean over the questions. `gold`: as `Questions.gold`; a question without any is a near miss."""
    answered = gold.flatten(1).any(1)
    passages = torch.logsumexp(with_none(scored), -1)
    right = torch.logsumexp(scored.masked_fill(~gold, NOTHING).flatten(1), -1) * answered
    here = passages[:, 0] - right
    elsewhere = 0.5 * passages[:, 1:].mean(1) if passages.shape[1] > 1 else 0.0
    among = torch.logsumexp(scored.flatten(1), -1) * answered - right
    return (here + elsewhere + among).mean()


def distance(scored: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy of the teachers' shares and the model's, in each passage and among all; mean over the questions."""
    in_passages = functional.cross_entropy(
        with_none(scored).flatten(0, 1), with_none(taught).flatten(0, 1).softmax(-1), reduction="none"
    ).view(scored.shape[:2])
    elsewhere = 0.5 * in_passages[:, 1:].mean(1) if scored.shape[1] > 1 else 0.0
    among = functional.cross_entropy(scored.flatten(1), taught.flatten(1).softmax(-1), reduction="none")
    return (in_passages[:, 0] + elsewhere + among).mean()


@torch.no_grad()
def test(model: Reader, tests: Tests, device: str) -> dict[str, float]:
    """Right sentence first in its passage, and among it and three negatives; AUROC of its best score for silence."""
    model.eval()
    within, among, answered, silent = [], [], [], []
    for questions in loaded(tests, device):
        with mixed(device):
            scored, gold = scores(model, questions, device).cpu(), torch.from_numpy(questions.gold)
        here = scored[:, 0].max(1)
        for row, best, best_of_all, place in zip(
            gold[:, 0], here.values, scored.flatten(1).max(1).values, here.indices, strict=True
        ):
            if not row.any():
                silent.append(float(best))
                continue
            answered.append(float(best))
            within.append(bool(row[place]))
            among.append(bool(row[place]) and bool(best >= best_of_all))
    model.train()
    won = [(a > b) + 0.5 * (a == b) for a in answered for b in silent]
    mean = lambda values: sum(values) / max(len(values), 1)  # noqa: E731
    return {"within": mean(within), "among": mean(among), "auroc": mean(won)}


def loaded(steps: Any, device: str) -> DataLoader[Questions]:  # noqa: ANN401
    """Batches made ahead by other processes where a GPU waits for them."""
    return DataLoader(steps, batch_size=None, num_workers=4 if device == "cuda" else 0, collate_fn=lambda made: made)


def optimizer_of(model: Reader, frozen: int, rate: float) -> torch.optim.AdamW:
    """AdamW over what is trained: the embeddings and the lowest `frozen` layers stay as they were."""
    for part in [model.encoder.embeddings, *model.encoder.encoder.layer[:frozen]]:
        part.requires_grad_(requires_grad=False)
    head = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    body = [p for p in model.encoder.parameters() if p.requires_grad]
    return torch.optim.AdamW([{"params": body, "lr": rate}, {"params": head, "lr": HEAD_RATE}], weight_decay=0.01)


def train(options: argparse.Namespace) -> None:
    chance = random.Random(options.seed)
    torch.manual_seed(options.seed)
    found = pickle.loads(gzip.decompress(options.items.read_bytes()))  # our own file
    own = [item for name in OURS for item in found.get(name, ())]
    outside = [item for name in OUTSIDE for item in found.get(name, ())]
    own, outside = (
        chance.sample(items, round(share * len(items)))
        for items, share in ((own, options.own), (outside, options.outside))
    )
    order = stream(own, outside, options.epochs, chance)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tested = {name: Tests(found[name][:800], options.batch, GROUPS[device]) for name in TESTED if name in found}
    torch.backends.cuda.enable_cudnn_sdp(False)  # it plans anew for each length, which takes longer than training
    attention = ATTENTION[device]
    model = Reader.trained(attention, *options.start) if options.start else Reader(LAYERS, attention)
    model.thin(options.layers)
    model = model.to(device).train()
    model.drop(options.dropout)
    teachers = [Reader.trained(attention, path).to(device).eval() for path in options.teachers]
    optimizer = optimizer_of(model, options.frozen, options.rate)
    checkpoint = options.work / "checkpoint.pt"
    step, spent = restored(checkpoint, model, optimizer)
    made = Steps(order, options.batch, options.seed, GROUPS[device])
    steps = len(made)
    print(f"{len(order)} items, {steps} steps of {options.batch} questions, from step {step}, on {device}", flush=True)
    began, losses = time.monotonic() - spent, []
    for questions in loaded(Subset(made, range(step, steps)), device):
        if step and step % options.test_every == 0:
            log(options.work, step, model, tested, device)
        done = step / steps
        if options.minutes:
            done = max(done, (time.monotonic() - began) / (60 * options.minutes))
        if done >= 1:
            break
        for group, rate in zip(optimizer.param_groups, (options.rate, HEAD_RATE), strict=True):
            group["lr"] = rate * min(1.0, (done + 1e-3) / WARM_UP) * max(0.02, 1 - done)
        with mixed(device):
            total = step_loss(model, teachers, questions, device)
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(total.detach())
        step += 1
        if step % options.save_every == 0:
            recent = torch.stack(losses[-options.save_every :]).mean().item()
            print(f"step {step}  loss {recent:.3f}  {time.monotonic() - began:.0f} s", flush=True)
            save(checkpoint, model, optimizer, step, time.monotonic() - began)
    save(checkpoint, model, optimizer, step, time.monotonic() - began)
    log(options.work, step, model, tested, device)


def step_loss(model: Reader, teachers: Sequence[Reader], questions: Questions, device: str) -> Tensor:
    scored = scores(model, questions, device)
    marked = loss(scored, torch.from_numpy(questions.gold).to(device))
    if not teachers:
        return marked
    with torch.no_grad():
        taught = torch.stack([scores(teacher, questions, device) for teacher in teachers]).mean(0)
    return HARD * marked + (1 - HARD) * distance(scored, taught)


def restored(checkpoint: Path, model: Reader, optimizer: Any) -> tuple[int, float]:  # noqa: ANN401
    """Go on where a run stopped: the step and the seconds it had come to, 0 where there is no checkpoint."""
    if not checkpoint.exists():
        return 0, 0.0
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state["seconds"])


def save(path: Path, model: Reader, optimizer: Any, step: int, seconds: float) -> None:  # noqa: ANN401
    """All but the embeddings; written beside and renamed, so that a stop in the middle leaves the last one."""
    partial = path.with_suffix(".partial")
    trained = {name: value for name, value in model.named_parameters() if not name.startswith("encoder.embeddings.")}
    torch.save({"model": trained, "optimizer": optimizer.state_dict(), "step": step, "seconds": seconds}, partial)
    partial.rename(path)


def log(work: Path, step: int, model: Reader, tested: dict[str, Tests], device: str) -> None:
    figures: dict[str, float] = {"step": step}
    for name, tests in tested.items():
        figures |= {f"{name} {key}": value for key, value in test(model, tests, device).items()}
    if not all(math.isfinite(value) for value in figures.values()):
        raise SystemExit(f"Training has gone astray: {figures}")
    print("  ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)
    with (work / "log.jsonl").open("a") as file:
        file.write(json.dumps(figures) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=Path, default=ROOT / "build" / "reader" / "items.pickle.gz")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "reader")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64, help="questions a step")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start", type=Path, nargs="+", help="begin with a checkpoint, a folder with a reader, or the mean of several"
    )
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="checkpoints to learn from")
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest rate of learning below the head")
    parser.add_argument("--minutes", type=float, help="end after so long, the rate of learning falling until then")
    parser.add_argument("--dropout", type=float, default=0.1, help="0 is quicker, for one round over much")
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers that stay as they were")
    parser.add_argument("--own", type=float, default=1.0, help="share of our questions: for the learning curve")
    parser.add_argument("--outside", type=float, default=1.0, help="share of the outside questions")
    parser.add_argument("--test-every", type=int, default=1000, help="steps")
    parser.add_argument("--save-every", type=int, default=100, help="steps")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    main()
