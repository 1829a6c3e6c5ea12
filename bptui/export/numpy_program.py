"""One training step as a NumPy program: forward and backward line by line, each module by its own template."""

from __future__ import annotations

from collections.abc import Iterator

from bptui.engine.buffers import Array
from bptui.engine.graph import Graph, Node
from bptui.export.step import ExportError, TrainingStep, first_step
from bptui.export.text import Identifiers, Places, docstring, literal, numbers, one_line, places
from bptui.session.experiment import Experiment

TOLERANCE = {"float64": 1e-10, "float32": 1e-4}
TAKEN = ("np", "check")


def numpy_program(experiment: Experiment) -> Iterator[str]:
    """The program in pieces. It ends with checks against the numbers that bptui shows.

    Raises ExportError.
    """
    return _Program(first_step(experiment)).pieces()


class _Program:
    """The program's names, and its parts in order."""

    def __init__(self, step: TrainingStep) -> None:
        self.step, self.graph, self.dtype = step, step.graph, step.experiment.dtype
        self.identifiers = Identifiers(TAKEN)
        self.values = _values(self.graph, self.identifiers)
        self.gradients = {
            name: self.identifiers.fresh(f"d{name if name in self.graph.copy_of else self.values[name]}")
            for name in self.graph.variables
        }
        self.masks = {name: self.identifiers.fresh(f"{name}_mask") for name in step.masks}
        self.places: dict[str, Places] = {}

    def pieces(self) -> Iterator[str]:
        net, step = self.step.experiment.net, self.step
        first = f"{net.name}: one training step of bptui's net in NumPy, forward and backward written out."
        yield f"{docstring(first, *[net.description] * bool(net.description))}\n\nimport numpy as np\n"
        yield "\n# parameters\n"
        for parameter in self.graph.parameters:
            yield self._array(self.values[parameter.name], step.before[parameter.name])
        yield f"\n# the minibatch: {step.batch} {'samples' if step.batch > 1 else 'sample'}, a row each\n"
        for given in (*self.graph.inputs, *self.graph.targets):
            yield self._array(self.values[given.name], step.values[given.name])
        if self.masks:
            yield "\n# what dropout drew in this step: 0, or 1 / (1 - p)\n"
        for dropout, name in self.masks.items():
            yield self._array(name, step.masks[dropout])
        yield "\n# forward\n"
        for node in self.graph.nodes:
            yield from self._forward(node)
        yield f"\n# backward, from the gradient of {one_line(self.graph.loss)} with respect to itself\n"
        yield f"{self.gradients[self.graph.loss]} = np.ones_like({self.values[self.graph.loss]})\n"
        for node in reversed(self.graph.nodes):
            if self.graph.differentiable & set(node.outputs):
                yield from self._backward(node)
        yield from self._checks()
        yield from self._update()

    def _array(self, name: str, array: Array) -> str:
        kind = "" if self.dtype == "float64" else f", np.{self.dtype}"
        return f"{name} = np.array({numbers(array)}{kind})\n"

    def _forward(self, node: Node) -> Iterator[str]:
        more = {"mask": self.masks[node.name]} if node.name in self.masks else {}
        more |= {"B": f"len({self.values[(*self.graph.inputs, *self.graph.targets)[0].name]})", "np": "np"}
        self.places[node.name] = places(self.graph, node, self.values, self.gradients, self.identifiers, **more)
        if node.collapsed:
            return
        title = node.module.kind if node.module.kind.lower() == node.name.lower() else f"{node.module.kind} {node.name}"
        lines = node.module.numpy_forward_texts(self.places[node.name])
        if not lines:
            raise ExportError(f"{one_line(node.name)}: {node.module.kind} has no lines of NumPy")
        yield from _titled(lines, title)

    def _backward(self, node: Node) -> Iterator[str]:
        for name in node.outputs:
            if name not in self.graph.differentiable:  # a copy that leads nowhere
                yield f"{self.gradients[name]} = np.zeros_like({self.values[name]})\n"
        lines = node.module.numpy_backward_texts(self.places[node.name])
        yield from _titled(lines, f"{'sum' if node.collapsed else node.module.kind} {node.name}")

    def _checks(self) -> Iterator[str]:
        yield '\n\ndef check(name, value, wanted):\n    """Hold a number against the one that bptui shows."""\n'
        tolerance = TOLERANCE[self.dtype]
        yield f"    np.testing.assert_allclose(value, wanted, rtol={tolerance}, atol={tolerance}, err_msg=name)\n\n\n"
        loss = self.graph.loss
        yield f"check({loss!r}, {self.values[loss]}, {literal(self.step.values[loss])})\n"
        for variable in (*self.graph.inputs, *self.graph.parameters):
            if variable.name in self.graph.differentiable:
                wanted = numbers(self.step.gradients[variable.name])
                yield f"check({'d' + variable.name!r}, {self.gradients[variable.name]}, {wanted})\n"

    def _update(self) -> Iterator[str]:
        """The optimiser's step, the first one: what it keeps starts at 0."""
        experiment = self.step.experiment
        optimisers = {p.name: experiment.optimiser_of(p.name) for p in self.graph.parameters}
        yield f"\n# the update, by {experiment.optimiser.kind}\n"
        for name, optimiser in optimisers.items():
            place, gradient = self.values[name], self.gradients[name]
            if name not in self.graph.differentiable:  # the cost does not depend on it
                yield f"{gradient} = np.zeros_like({place})\n"
            slots = {slot: self.identifiers.fresh(f"{place}_{slot}") for slot in optimiser.slots}
            yield "".join(f"{slot} = np.zeros_like({place})\n" for slot in slots.values())
            settings = {key: repr(value) for key, value in optimiser.settings().items()}
            rate = literal(experiment.lr * experiment.schedule.factor(0))
            more = {
                "W": place,
                "dW": gradient,
                "lr": rate,
                "t": "1",
                "threshold": repr(experiment.thresholds.get(name)),
            }
            yield "".join(f"{line.format(**settings, **slots, **more)}\n" for line in optimiser.numpy)
        yield "\n"
        for name in optimisers:
            yield f"check({name + ' after the step'!r}, {self.values[name]}, {numbers(self.step.after[name])})\n"
        yield 'print("all numbers are those that bptui shows")\n'


def _values(graph: Graph, identifiers: Identifiers) -> dict[str, str]:
    """A name in the program for every variable; a copy of a parameter goes by the parameter's."""
    found: dict[str, str] = {}
    for name in graph.variables:
        if name not in graph.copy_of:
            found[name] = identifiers.fresh(name)
    return found | {copy: found[name] for copy, name in graph.copy_of.items()}


def _titled(lines: tuple[str, ...], title: str) -> Iterator[str]:
    """Lines of one module, with its name behind the first."""
    for k, line in enumerate(lines):
        yield f"{line}  # {one_line(title)}\n" if k == 0 else f"{line}\n"
