"""One training step as a PyTorch program: the module, its weights, the minibatch, and the numbers that it must give."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Node, Variable
from bptui.engine.modules import Average, Dropout, L2Penalty
from bptui.engine.modules.costs import Cost
from bptui.engine.optimisers import AdamW, ProximalSGD
from bptui.export.attributes import dotted, quoted
from bptui.export.step import ExportError, TrainingStep, first_step
from bptui.export.text import Identifiers, docstring, literal, numbers, one_line
from bptui.export.torch_module import TAKEN, TorchModule
from bptui.session.experiment import Experiment

TOLERANCE = {"float64": 1e-10, "float32": 1e-4}


def torch_program(experiment: Experiment) -> Iterator[str]:
    """The program in pieces. Run, it checks that PyTorch gives the gradients, and the parameters after the step, that
    bptui shows.

    Raises ExportError.
    """
    return _Program(first_step(experiment)).pieces()


class _Program:
    """The program's parts in order."""

    def __init__(self, step: TrainingStep) -> None:
        self.step, self.graph, self.experiment = step, step.graph, step.experiment
        self.identifiers = Identifiers(TAKEN)
        self.module = TorchModule(self.experiment.net, self.graph, self.identifiers)
        layers = {layer.name for layer in self.experiment.net.layers}
        self.own = [node for node in self.graph.nodes if node.name in layers]
        self.penalty = self._penalty()
        self.addends = self._addends()
        self.decay = self._decay()
        self.reached = self._reached()
        self.indexed = {v.name for v in self.graph.targets if self._is_indexed(v)}
        self.costs = {
            node.name: self.identifiers.fresh(node.name) for node in self.module.tail if self._constructor(node)
        }

    # -- what the optimiser does for the graph

    def _penalty(self) -> Node | None:
        """The L2 branch, where PyTorch's `weight_decay` stands for it; under AdamW that is something else."""
        branches = [n for n in self.graph.nodes if isinstance(n.module, L2Penalty) and n not in self.own]
        return None if isinstance(self.experiment.optimiser, AdamW) or not branches else branches[0]

    def _addends(self) -> list[str]:
        """What the penalty is added to; what is left without it is the program's loss."""
        if self.penalty is None:
            return [self.graph.loss]
        taken = self.penalty.outputs[0]
        return [name for name in self.graph.reader[taken].inputs if name != taken]

    def _decay(self) -> dict[str, float]:
        """Each parameter's `weight_decay`, where it has one."""
        if isinstance(self.experiment.optimiser, AdamW):
            return dict.fromkeys((p.name for p in self.graph.parameters), self.experiment.optimiser.decay)
        if self.penalty is None:
            return {}
        module = self.penalty.module
        assert isinstance(module, L2Penalty)
        return {self.module.root(name): 2 * rate for name, rate in zip(self.penalty.inputs, module.rates, strict=True)}

    def _reached(self) -> set[str]:
        """Everything that the loss depends on without the penalty that the optimiser takes over."""
        found = {self.graph.loss}
        for node in reversed(self.graph.nodes):
            if node is not self.penalty and found & set(node.outputs):
                found |= {*node.inputs, *node.parameters.values()}
        return found | {self.module.root(name) for name in found}

    # -- targets and costs

    def _is_indexed(self, target: Variable) -> bool:
        """Whether a target is written as class numbers: it is one-hot, and costs of classes alone read it."""
        rows = self.step.values[target.name]
        readers = [node.module for node in self.graph.nodes if target.name in node.inputs]
        classes = bool(readers) and all(isinstance(module, Cost) and module.classes for module in readers)
        return classes and rows.ndim == 2 and _one_hot(rows)

    def _constructor(self, node: Node) -> str:
        """PyTorch's cost for a node, without its reduction; empty where it has none."""
        if not isinstance(node.module, Cost):
            return ""
        rows = self.step.values[node.inputs[1]]
        if node.module.classes and node.inputs[1] not in self.indexed and not _one_hot(rows):
            if node.module.kind == "CrossEntropy" and rows.ndim == 2 and np.allclose(rows.sum(axis=1), 1.0, 1e-12, 0.0):
                return node.module.torch
            raise ExportError(f"{one_line(node.inputs[1])}: its rows are no classes: PyTorch has no cost for them")
        return node.module.torch

    def _mean(self, node: Node) -> tuple[bool, Node]:
        """Whether PyTorch's own mean is taken, and the node whose output it then is."""
        assert isinstance(node.module, Cost)
        entries = 1 if node.module.classes else math.prod(self.graph.variables[node.inputs[1]].shape)
        average = self.graph.reader.get(node.outputs[0])
        if average is not None and isinstance(average.module, Average):
            if average.module.constant(self.step.batch) == 1 / (self.step.batch * entries):
                return True, average
        elif self.step.batch * entries == 1 and self.experiment.reduction != "sum" and average not in self.own:
            return True, node  # the mean of one number, which no node takes
        return False, node

    # -- the text

    def pieces(self) -> Iterator[str]:
        net = self.experiment.net
        yield docstring(f"{net.name}: one training step of bptui's net in PyTorch, with the numbers that bptui shows.")
        yield "\n\nimport torch\nfrom torch import nn\n\n"
        if self.experiment.dtype == "float64":
            yield "torch.set_default_dtype(torch.float64)\n\n"
        yield "\n"
        yield from self.module.text()
        yield f"\n\nmodel = {self.module.name}()\n"
        if not self.experiment.training:
            yield "model.eval()\n"
        yield from self._weights()
        yield from self._minibatch()
        yield from self._masks()
        yield from self._costs()
        yield from self._optimiser()
        yield from self._forward()
        yield from self._checks()

    def _weights(self) -> Iterator[str]:
        yield "model.load_state_dict({\n"
        for name, array in self.step.before.items():
            yield f"    {quoted(self.module.key(name))}: torch.tensor({numbers(array, 4)}),\n"
        yield "})\n"

    def _minibatch(self) -> Iterator[str]:
        yield f"\n# the minibatch: {self.step.batch} {'samples' if self.step.batch > 1 else 'sample'}\n"
        for given in (*self.graph.inputs, *self.graph.targets):
            rows = self.step.values[given.name]
            wanted = ", requires_grad=True" if given.name in self.reached and given.role == "input" else ""
            text = numbers(rows.argmax(axis=1) if given.name in self.indexed else rows)
            yield f"{self.module.letter(given.name)} = torch.tensor({text}{wanted})\n"

    def _masks(self) -> Iterator[str]:
        masks = [node.name for node in self.module.body if node.name in self.step.masks]
        if masks:
            yield "\n# dropout draws anew at each call; here it takes what bptui drew, so that the numbers agree\n"
            yield "masks = {\n"
            for name in masks:
                mask = numbers(self.step.masks[name], 4)
                yield f"    {dotted('model', self.module.path[name])}: torch.tensor({mask}),\n"
            yield "}\nnn.Dropout.forward = lambda dropout, x: x * masks[dropout]\n"

    def _costs(self) -> Iterator[str]:
        yield "\n" if self.costs else ""
        for node in self.module.tail:
            if node.name in self.costs:
                mean, _ = self._mean(node)
                text = self._constructor(node).format(reduction="" if mean else 'reduction="sum"')
                yield f"{self.costs[node.name]} = {text}\n"

    def _optimiser(self) -> Iterator[str]:
        e, module = self.experiment, self.module
        rates = [self.decay.get(p.name, 0.0) for p in self.graph.parameters]
        if self.penalty is not None:
            yield "# PyTorch's weight_decay is 2α of bptui's penalty α‖w‖²\n"
        if len(set(rates)) == 1:
            decay = f", weight_decay={rates[0]!r}" if rates[0] or isinstance(e.optimiser, AdamW) else ""
            yield f"optimiser = torch.optim.{e.optimiser.torch_text('model.parameters()', e.lr, decay)}\n"
        else:
            groups: dict[float, list[str]] = {}
            for parameter, rate in zip(self.graph.parameters, rates, strict=True):
                groups.setdefault(rate, []).append(module.parameter(parameter.name))
            yield "groups = [\n"
            for rate, members in groups.items():
                yield f'    {{"params": [{", ".join(members)}], "weight_decay": {rate!r}}},\n'
            yield f"]\noptimiser = torch.optim.{e.optimiser.torch_text('groups', e.lr, '')}\n"
        if e.schedule.torch:
            text = e.schedule.torch.format(optimiser="optimiser", **e.schedule.settings())
            yield f"schedule = torch.optim.lr_scheduler.{text}\n"

    def _forward(self) -> Iterator[str]:
        module = self.module
        zero = "optimiser.zero_grad()\n" if self.experiment.zero_gradients else ""
        yield f"\n{zero}" if zero else "\n# gradients are not zeroed: those of a second step would add to these\n"
        outputs = ", ".join(map(module.letter, module.outputs))
        yield f"{outputs}{' = ' if outputs else ''}model({', '.join(map(module.letter, module.inputs))})\n"
        done: set[str] = set()
        for node in module.tail:
            if node is not self.penalty and node.name not in done:
                yield from (f"{line}\n" for line in self._tail(node, done))
        yield f"{self._loss()}.backward()\n"
        lost = [p.name for p in self.graph.parameters if self.decay.get(p.name) and p.name not in self.reached]
        if lost:
            yield "# the cost does not depend on these: PyTorch would leave them out, and not let them decay\n"
        for name in lost:
            yield f"{module.parameter(name)}.grad = torch.zeros_like({module.parameter(name)})\n"

    def _tail(self, node: Node, done: set[str]) -> list[str]:
        """A node from the costs on; `done` gathers the averages that PyTorch's own costs take."""
        module = self.module
        if node.name in self.costs:
            _, end = self._mean(node)
            done.add(end.name)
            prediction, target = module.letter(node.inputs[0]), self._target(node)
            return [f"{module.letter(end.outputs[0])} = {self.costs[node.name]}({prediction}, {target})"]
        if self.penalty is not None and self.penalty.outputs[0] in node.inputs:
            rest = " + ".join(map(module.letter, self.addends))
            return [f"{module.letter(node.outputs[0])} = {rest}"] if len(self.addends) > 1 else []
        if isinstance(node.module, Dropout):
            raise ExportError(f"{one_line(node.name)}: a Dropout behind the cost has no counterpart in PyTorch")
        return module.statements(node, "model")

    def _target(self, node: Node) -> str:
        """What a cost compares with; class numbers, where it wants them and there are rows."""
        name, module = node.inputs[1], node.module
        rows = isinstance(module, Cost) and module.classes and name not in self.indexed
        return self.module.letter(name) + ".argmax(dim=1)" * (rows and _one_hot(self.step.values[name]))

    def _loss(self) -> str:
        alone = len(self.addends) == 1
        return self.module.letter(self.addends[0] if alone else self.graph.reader[self.addends[0]].outputs[0])

    def _checks(self) -> Iterator[str]:
        module, step, tolerance = self.module, self.step, TOLERANCE[self.experiment.dtype]
        yield '\n\ndef check(name, value, wanted):\n    """Hold a number against the one that bptui shows."""\n'
        yield f'    wanted, close = torch.tensor(wanted), {{"rtol": {tolerance}, "atol": {tolerance}}}\n'
        yield '    torch.testing.assert_close(value.detach(), wanted, **close, msg=lambda why: f"{name}: {why}")\n\n\n'
        loss = sum(float(step.values[name]) for name in self.addends)
        yield f'check("the cost", {self._loss()}, {literal(loss)})\n'
        for given in self.graph.inputs:
            if given.name in self.reached:
                letter = module.letter(given.name)
                yield f"check({quoted('d' + letter)}, {letter}.grad, {numbers(step.gradients[given.name])})\n"
        if self.penalty is not None:
            yield "# bptui's gradient has the penalty's part, which PyTorch adds in the optimiser\n"
        for parameter in self.graph.parameters:
            if parameter.name in step.gradients:
                yield self._gradient_check(parameter.name, step.gradients[parameter.name])
        yield "\noptimiser.step()\n"
        yield from self._proximal()
        if self.experiment.schedule.torch:
            yield "schedule.step()\n"
        for parameter in self.graph.parameters:
            place, after = module.parameter(parameter.name), step.after[parameter.name]
            name = quoted(f"{module.key(parameter.name)} after the step")
            yield f"check({name}, {place}, {numbers(after)})\n"
        if self.experiment.schedule.torch:
            rate = self.experiment.lr * self.experiment.schedule.factor(1)
            yield f'check("the next rate", torch.tensor(optimiser.param_groups[0]["lr"]), {rate!r})\n'
        yield 'print("all numbers are those that bptui shows")\n'

    def _gradient_check(self, name: str, gradient: Array) -> str:
        place = self.module.parameter(name)
        value = f"{place}.grad"
        if self.penalty is not None and name in self.decay:
            value += f" + {self.decay[name]!r} * {place}"
        return f"check({quoted('d' + self.module.key(name))}, {value}, {numbers(gradient)})\n"

    def _proximal(self) -> Iterator[str]:
        """The soft threshold, which PyTorch's optimisers do not have."""
        e = self.experiment
        if not isinstance(e.optimiser, ProximalSGD) or not e.l1:
            return
        yield "with torch.no_grad():  # L1's proximal step: ηα towards 0, and no farther\n"
        for name, rate in e.thresholds.items():
            place = self.module.parameter(name)
            yield f"    {place}.copy_(nn.functional.softshrink({place}, {e.lr * e.schedule.factor(0) * rate!r}))\n"


def _one_hot(rows: Array) -> bool:
    return bool(((rows == 0) | (rows == 1)).all() and (rows.sum(axis=-1) == 1).all())
