"""Files of weights as PyTorch's users have them: .safetensors is read, a pickle is refused and named."""

from __future__ import annotations

from typing import Any

PICKLES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt")
INSTEAD = "from safetensors.torch import save_file; save_file(net.state_dict(), 'net.safetensors')"


def refuse_pickle(path: str, data: bytes) -> None:
    """Raise ValueError, one line, for what Python's pickle wrote: to read it is to run it."""
    ours = path.endswith((".npz", ".json", ".safetensors"))
    looks = data.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"))
    if looks or (not ours and (path.endswith(PICKLES) or b"data.pkl" in data[:4096])):
        raise ValueError(f"is a pickle, which could run any code; in PyTorch, save it by: {INSTEAD}")


def is_safetensors(path: str, data: bytes) -> bool:
    """Whether it goes by that name, or begins like one: the length of a header, and a header in braces."""
    return path.endswith(".safetensors") or (data[8:9] == b"{" and data[5:8] == b"\0\0\0")


def from_safetensors(data: bytes) -> dict[str, Any]:
    """Arrays by name, as nested lists of numbers. Raises ValueError, one line."""
    from safetensors import SafetensorError, deserialize  # only now: most runs need no such file
    from safetensors.numpy import load

    try:
        kinds = {str(name): str(view["dtype"]) for name, view in deserialize(data)}  # type: ignore[no-untyped-call]
        odd = next((name for name, kind in kinds.items() if kind not in ("F64", "F32", "F16", "I64", "I32")), None)
        if odd is not None:
            raise ValueError(f"{odd} holds {kinds[odd]}, wants F64, F32 or F16; net.float() makes F32")
        return {name: array.astype(float).tolist() for name, array in load(data).items()}
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"is a damaged .safetensors ({error})") from None
