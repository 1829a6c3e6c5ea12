"""Sources of the corpus, slightly wrong: what people have on their screen before it runs."""

from __future__ import annotations

import random

WORDS = [
    *("x", "self", "nn", "F", "torch", "net", "forward", "Linear", "ReLU", "0", "1", "-1", "3", "0.5", "None", "True"),
    *("(", ")", "[", "]", ",", ".", ":", "=", "+", "-", "*", "/", "@", "==", "if", "for", "in", "return", "not"),
    *("lambda", "import", "class", "def", "view", "size", "cat", "sum", "mean", "dim", "self.fc1", "super()"),
    *("__init__", "*args", "**kwargs", "10**10", "'a'", "while", "break", "x[0]", "torch.tensor(x)", "x == [x]"),
]
LINES = [
    *("x = x.relu_()", "x = x.view(x.size(0), -1)", "x = x + x", "x = x.sum(1, keepdim=True)", "x = x.mean(dim=-1)"),
    *("x = torch.cat([x, x], dim=-1)", "x = x.squeeze()", "x = x.unsqueeze(1)", "x = x * 2 - 1", "x = x.view(-1)"),
    *("x = torch.max(x, -x)", "x = x.reshape(-1, 2)", "x = x.flatten()", "x += x", "x = torch.softmax(x, -1)"),
    *("y = x; y += 1", "x = x.clone().mul_(3)", "x = torch.sum(x)", "x = x.transpose(0, 1)", "x = x.t()", "x = 1 / x"),
    *("x = x ** 3", "x = x.clamp(min=0)", "x = x.detach()", "x = -x if x.shape[0] > 1 else x", "x = x.squeeze(0)"),
    *("x = x.view(1, -1)", "x *= x", "x = x.tanh(); x.add_(1)", "x = torch.relu(x); x = x.mul_(x + 1)"),
]


def mutated(text: str, chance: random.Random) -> str:
    """A source with some of its words, or its lines, deleted, doubled, swapped or replaced."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        k = chance.randrange(len(lines))
        what = chance.randrange(6)
        if what == 0:
            del lines[k]
        elif what == 1:
            lines.insert(k, lines[chance.randrange(len(lines))])
        elif what == 2:
            m = chance.randrange(len(lines))
            lines[k], lines[m] = lines[m], lines[k]
        elif what == 3:
            lines[k] = " " * chance.choice((1, 4)) + lines[k]
        else:
            words = lines[k].split(" ")
            words[chance.randrange(len(words))] = chance.choice(WORDS)
            lines[k] = " ".join(words)
        text = "\n".join(lines)
    return text


def with_another_line(text: str, chance: random.Random) -> str:
    """A source with one more line in a forward of x; itself where it has none."""
    lines = text.split("\n")
    first = next((k for k, line in enumerate(lines) if "def forward(self, x" in line), None)
    if first is None:
        return text
    last = next((k for k in range(first + 1, len(lines)) if lines[k].strip().startswith("return")), first + 1)
    lines.insert(chance.randint(first + 1, last), "        " + chance.choice(LINES))
    return "\n".join(lines)
