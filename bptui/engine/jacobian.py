"""The local Jacobian of one module: J[i, j] = ∂yᵢ/∂xⱼ, for one sample, at the values of one instant."""

from __future__ import annotations

import numpy as np

from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.module import Module
from bptui.engine.notation import symbol
from bptui.engine.reading import Reading
from bptui.engine.site import Site

LARGEST = 250_000  # entries; a larger matrix is neither quick to make nor of use on a screen


class JacobianError(ValueError):
    """A Jacobian that cannot be given. The message says which, and why."""


def local_jacobian(reading: Reading, node: str, wrt: str, output: int = 0) -> Array:
    """The Jacobian of output number `output` of a node with respect to `wrt`, one of its inputs or parameters.

    Rows are the entries of the output, columns those of `wrt`, both flattened in row-major order. What was drawn by
    chance is kept: dropout's Jacobian is that of the mask that was used. For a cost, the one output is the whole
    batch's and the columns are this sample's entries.

    Raises JacobianError if the matrix is larger than `LARGEST`, if `wrt` is a target or not read by the node, or if
    a value that it needs has not been computed yet.
    """
    place = reading.graph.node[node]
    if place.module.role == "halt":
        raise JacobianError(f"{node} makes nothing: the program stops there")
    variables = reading.graph.variables
    read = (*place.inputs, *place.parameters.values())
    if wrt not in read:
        raise JacobianError(f"{node} does not read {wrt!r}")
    if variables[wrt].role == "target":
        raise JacobianError(f"{wrt} is a target: no gradient goes there")
    rows = int(np.prod(variables[place.outputs[output]].shape))
    columns = int(np.prod(variables[wrt].shape))
    if rows * columns > LARGEST:
        name = f"∂{symbol(place.outputs[output])}/∂{symbol(wrt)}"
        raise JacobianError(f"{name} is {rows}×{columns}, more than {LARGEST:,} entries")
    if place.module.alias(_given(reading, place.inputs[0])) is not None:
        return np.eye(rows)  # the same entries under new names, in the same order
    site = _site(reading, place)
    place.module.forward(site)
    for (_, fills), drawn in zip(site.draws, reading.drawn(node), strict=True):
        fills[...] = drawn
    for call in site.calls:
        call.bound()()
    site.calls = []
    place.module.backward(site)
    backward = [call.bound() for call in site.calls]
    gradient = (*site.grad_inputs, *site.grad_parameters.values())[read.index(wrt)]
    assert gradient is not None  # the site wants them all
    jacobian = np.zeros((rows, columns))
    for i in range(rows):
        site.grad_outputs[output].flat[i] = 1.0
        for run in backward:
            run()
        jacobian[i] = gradient.ravel()
        site.grad_outputs[output].flat[i] = 0.0
    return jacobian


@np.errstate(all="ignore")
def response(module: Module, x: Array) -> tuple[Array, Array]:
    """What a module that treats each entry by itself makes of `x`, and its slope there.

    The slope h′(x) is what its own backward makes of ones.
    """
    site = Site("", 1, np.dtype(np.float64), [np.array(x, np.float64)[None]], [np.zeros((1, *x.shape))])
    site.grad_inputs, site.grad_outputs = (np.zeros_like(site.x),), (np.ones_like(site.y),)
    for bind in (module.forward, module.backward):
        site.calls = []
        bind(site)
        for call in site.calls:
            call.bound()()
    slope = site.grad_inputs[0]
    assert slope is not None
    return site.y[0], slope[0]


def _site(reading: Reading, node: Node) -> Site:
    """A place of its own for this module, with a batch of one sample, or the whole batch if it sees no samples."""
    variables = reading.graph.variables
    inputs = [_given(reading, name) for name in node.inputs]
    parameters = {local: _value(reading, name) for local, name in node.parameters.items()}
    outputs = [
        np.zeros((1, *variables[name].shape) if variables[name].batched else variables[name].shape)
        for name in node.outputs
    ]
    site = Site(
        node.name,
        1 if any(variables[name].batched for name in node.inputs) else reading.batch,
        np.dtype(np.float64),
        inputs,
        outputs,
        parameters=parameters,
        training=bool(reading.drawn(node.name)),  # a module that drew nothing is in evaluation mode, if it has one
    )
    site.grad_inputs = tuple(np.zeros_like(x) for x in inputs)
    site.grad_outputs = tuple(np.zeros_like(y) for y in outputs)
    site.grad_parameters = {local: np.zeros_like(value) for local, value in parameters.items()}
    return site


def _given(reading: Reading, name: str) -> Array:
    """An input of the module, with a batch axis of length 1 if there is one value for each sample."""
    value = _value(reading, name)
    return value[None] if reading.graph.variables[name].batched else value


def _value(reading: Reading, name: str) -> Array:
    owner = reading.graph.copy_of.get(name, name)
    # a parameter counts as it was in this step's forward pass, also when the update has moved it since
    is_parameter = reading.graph.variables[owner].role == "parameter"
    value = reading.before(owner) if is_parameter else reading.value(name)
    if value is None:
        raise JacobianError(f"{name} has not been computed yet")
    return np.array(value, np.float64)
