"""The Jacobian view: the gradient as a row vector, times a module's matrix of derivatives."""

from __future__ import annotations

import numpy as np

from bptui.drawing.canvas import Canvas
from bptui.drawing.equations import happened
from bptui.drawing.expression import Group
from bptui.drawing.inspector import headings
from bptui.drawing.into import place_of
from bptui.drawing.lines import BOLD, MUTED, inset, rule, stack, wrap, written
from bptui.drawing.numbers import shape_text
from bptui.drawing.tensors import LEGEND, Tensor, flow, heat, legend, summary
from bptui.engine.buffers import Array
from bptui.engine.graph import Node
from bptui.engine.jacobian import JacobianError, local_jacobian
from bptui.engine.notation import symbol
from bptui.engine.reading import Reading

MOST = 12  # a larger matrix is drawn as a picture


def jacobian(reading: Reading, target: str, width: int, height: int, *, headed: bool = True) -> Canvas:
    """dC/dx = dC/dy · ∂y/∂x for the module behind a target, `width` wide and at least `height` high.

    For a module with several inputs or outputs, the target's own one is taken: `var:y2`, `grad:x1`; else the first.
    """
    place = place_of(reading.graph, target)
    sections = [rule(width, "jacobian", "" if place is None else place.node.name)] if headed else []
    if place is None:
        return stack(width, [*sections, _words(["Nothing is computed here, so there is no Jacobian."], width)], height)
    node = place.node
    wanted = [n for n in (*node.inputs, *node.parameters.values()) if n in reading.graph.differentiable]
    y = place.name if not place.backward else node.outputs[0]
    if not wanted:
        return stack(width, [*sections, _words([f"Nothing that {node.name} reads has a gradient."], width)], height)
    x = place.name if place.backward else wanted[0]
    try:
        matrix = local_jacobian(reading, node.name, x, node.outputs.index(y))
    except JacobianError as error:
        return stack(width, [*sections, _words([f"No Jacobian here: {error}."], width)], height)
    return _draw(reading, node, x, y, matrix, sections, width, height)


def _draw(
    reading: Reading, node: Node, x: str, y: str, matrix: Array, sections: list[Canvas], width: int, height: int
) -> Canvas:
    loss, rows, columns = symbol(reading.graph.loss), *matrix.shape
    part = f"∂{symbol(y)}/∂{symbol(x)}"
    arriving = reading.gradient(y)
    row = None if arriving is None else arriving.reshape(1, rows)
    gradient = reading.gradient(x) if happened(reading, node, backward=True) else None
    own = len(node.outputs) == 1 and (reading.batch == 1 or x in node.inputs)
    product = gradient if own else None if row is None else row @ matrix
    items = [
        Tensor(f"∂{loss}/∂{symbol(y)}", (1, rows), row, "gradient"),
        Tensor(part, matrix.shape, matrix),
        Tensor(
            f"∂{loss}/∂{symbol(x)}", (1, columns), None if product is None else product.reshape(1, columns), "cursor"
        ),
    ]
    equation = f"{items[2].symbol} = {items[0].symbol} · {part}"
    shapes = f"[1×{columns}] = [1×{rows}][{shape_text(matrix.shape)}]"
    head = inset(headings(Group(((equation, shapes),), ()), width - 2)[0], width)
    small = max(rows, columns) <= MOST
    body = flow([items[0], "·", items[1], "=", items[2]], width - 2) if small else None
    words = [_structure(matrix), f"Rows here: the gradient is [1×{columns}]. In the module rules it is a column."]
    if not own and len(node.outputs) > 1:
        words.append("This is the share of one output; Duplicate adds the shares.")
    if not own and reading.batch > 1 and x not in node.inputs:
        words.append(f"This is the share of sample {reading.sample + 1}; the gradient sums all {reading.batch}.")
    notes = _words(words, width)
    if body is None:
        table = summary(items, width - 2)
        room = height - sum(s.height for s in sections) - 1 - table.height - notes.height - 1
        picture = heat(matrix, width - 4, max(3, room))
        body = Canvas(width - 2, picture.height + 1)
        end = body.put(body.put(0, 0, part, BOLD) + 1, 0, shape_text(matrix.shape), MUTED) + 3
        if end + LEGEND <= body.width:
            legend(body, end, 0)
        body.paste(picture, 0, 1)
        pictures = [inset(body, width), inset(table, width)]
    else:
        pictures = [inset(body, width)]
    return stack(width, [*sections, head, *pictures, notes], height)


def _structure(matrix: Array) -> str:
    """What stands out in a Jacobian, in a sentence."""
    rows, columns = matrix.shape
    if rows == columns and rows > 1 and not (matrix - np.diag(np.diagonal(matrix))).any():
        if (np.diagonal(matrix) == 1).all():
            return "It is the identity: the gradient passes unchanged."
        return "Only the diagonal is not 0: each entry acts by itself, so one multiplies instead of this matrix."
    zeros = matrix.size - np.count_nonzero(matrix)
    if zeros > matrix.size // 2:
        return f"{zeros} of {matrix.size} entries are 0: most inputs do not touch most outputs."
    return "Entry [i,j] says how much output i changes for a small change of input j."


def _words(texts: list[str], width: int) -> Canvas:
    return written([[(line, MUTED)] for text in texts for line in wrap(text, width - 2)], width)
