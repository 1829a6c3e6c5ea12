"""A class under load: memory, bytes, and the time from a key to the frame that it leads to.

    python -m tests.bench.classroom [steps|joining|aside|explorers|faults ...] [--followers 1 30 200 300]

The server and its workers are processes of their own; teacher and students are asyncssh clients in this one. All is at
120×40 with `mynet` in the workbench. Unix only; memory is read from /proc, where there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Sequence

from bptui.classroom.limits import Limits
from tests.bench.class_clients import Client, Served, bare, connected, served, still

EVENTS = 23  # of a training step of mynet: each measurement goes once round
RIGHT, LEFT, ASIDE, BACK = b"\x1b[C", b"\x1b[D", b"\r", b"\x12"
OTHERS: list[tuple[str, dict[str, str]]] = [  # kinds of terminals that nobody has until then
    ("xterm-256color", {"COLORTERM": "truecolor"}),
    ("xterm", {}),
    ("vt100", {}),
    ("screen", {}),
    ("screen-256color", {}),
]


def p95(times: Sequence[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


async def followers(klass: Served, count: int, already: int = 0) -> list[Client]:
    """They come one after the other, for the first time."""
    found = []
    for k in range(already, count):
        client = await klass.first(f"student {k}")
        await client.until(b"following")
        found.append(client)
    return found


async def moved(teacher: Client, clients: list[Client], count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from each key to the last follower's frame, and kilobytes that a follower was sent."""
    took, sizes = [], []
    for _ in range(count):
        await still(clients)
        before = sum(client.bytes for client in clients)
        start = [client.frames for client in clients]
        begun = time.perf_counter()
        teacher.chan.write(RIGHT)
        for client, seen in zip(clients, start, strict=True):
            await client.more(seen)
        took.append(1e3 * (max(client.at for client in clients) - begun))
        await still(clients)
        sizes.append((sum(client.bytes for client in clients) - before) / len(clients) / 1e3)
    return took, sizes


async def steps(args: argparse.Namespace) -> None:
    async with served(0) as klass:
        print(f"served, nobody there          {klass.memory():6.1f} MB")
        teacher = await klass.teacher()
        clients: list[Client] = []
        print(f"the teacher leads             {klass.memory():6.1f} MB")
        one = float("nan")
        for count in args.followers:
            clients += await followers(klass, count, len(clients))
            took, sizes = await moved(teacher, clients, args.steps)
            one = statistics.median(took) if count == 1 else one
            print(
                f"{count:3} followers                 {klass.memory():6.1f} MB   step to the last frame: median"
                f" {statistics.median(took):5.1f} ms ({statistics.median(took) / one:.1f} times one's), maximum"
                f" {max(took):5.1f}; median {statistics.median(sizes):.2f} KB a step, mean {statistics.mean(sizes):.2f}"
            )


async def joining(args: argparse.Namespace) -> None:
    """Those who were there before come back at once; and as many come to a server of asyncssh alone."""
    async with served(0) as klass:
        await klass.teacher()
        count = min(200, max(args.followers))
        for client in await followers(klass, count):
            client.conn.abort()
        await asyncio.sleep(1)
        _, size = await _at_once(klass, klass.port, 1)
        times: list[tuple[float, float]] = []
        with bare(size) as port:
            for _ in range(3):
                await asyncio.sleep(count / Limits.arrivals[1])  # else an address brings more than a class takes
                times.append(((await _at_once(klass, klass.port, count))[0], (await _at_once(klass, port, count))[0]))
        ours, peers = (statistics.median(each) for each in zip(*times, strict=True))
        ratio = statistics.median(ours / peer for ours, peer in times)
        print(
            f"{count:3} joining at once, all painted: {ours:.2f} s, {ratio:.2f} times asyncssh alone ({peers:.2f});"
            f" first frame {size / 1e3:.1f} KB"
        )


async def _at_once(klass: Served, port: int, count: int) -> tuple[float, int]:
    """Seconds until all who come have their first frame, and its bytes."""
    begun = time.perf_counter()
    clients = await asyncio.gather(
        *(connected(port, name, klass.keys[name]) for name in list(klass.keys)[1 : count + 1])
    )
    await asyncio.gather(*(client.until(b"following") for client in clients))
    took = time.perf_counter() - begun
    for client in clients:
        client.conn.abort()
    await asyncio.sleep(1)
    return took, clients[0].bytes


async def left(client: Client) -> float:
    """Milliseconds in which somebody leaves the stage."""
    client.text = b""
    begun = time.perf_counter()
    client.type(ASIDE)
    await client.until(b"back to the class", b"explain")
    return 1e3 * (client.at - begun)


async def aside(args: argparse.Namespace) -> None:
    """Leaving the stage."""
    async with served(args.workers) as klass:
        await klass.teacher()
        clients = await followers(klass, 12)
        times = []
        for k, client in enumerate(clients):
            if k != 1:
                await asyncio.sleep(3)  # the class has time to start an app before it is wanted
            times.append(await left(client))
        print(f"leaving the stage, pre-started: median {statistics.median(times):.0f} ms, maximum {max(times):.0f}")
        before = klass.memory()
        many = await followers(klass, 72, 12)
        begun = time.perf_counter()
        for client in many:
            client.type(ASIDE)
        keys = [await clients[0].key(RIGHT if k % 2 else LEFT) for k in range(20)]
        await asyncio.gather(*(client.until(b"back to the class", b"explain") for client in many))
        print(
            f"60 more at once: the last one after {time.perf_counter() - begun:.1f} s;"
            f" meanwhile an explorer's key takes {statistics.median(keys):.0f} ms, p95 {p95(keys):.0f}"
        )
        await asyncio.sleep(2)
        print(f"memory: {before:.1f} MB with 12 explorers, {klass.memory():.1f} with 72")
        times = []
        for k, (term, env) in enumerate(OTHERS):
            client = await klass.first(f"other {k}", term, **env)
            await client.until(b"following")
            times.append(await left(client))  # at once: no app of that kind can have been started
            client.conn.abort()
            await asyncio.sleep(3)
        print(f"leaving the stage, cold: median {statistics.median(times):.0f} ms, maximum {max(times):.0f}")


async def explorers(args: argparse.Namespace) -> None:
    """100 follow, 60 type a key a second."""
    async with served(args.workers) as klass:
        teacher = await klass.teacher()
        watching = await followers(klass, args.watching)
        typing = await followers(klass, args.watching + args.typing, args.watching)
        for client in typing:
            client.type(ASIDE)
            await client.until(b"back to the class", b"explain")
        print(f"{len(watching)} follow, {len(typing)} explore: {klass.memory():.1f} MB")
        await still([*watching, *typing])
        for number in (1, len(typing)):
            busy = klass.busy()
            keys, last = await _under_load(teacher, watching, typing[:number], args.seconds)
            busy = (klass.busy() - busy) / len(keys)
            print(
                f"{number:3} typing: key median {statistics.median(keys):.1f} ms, p95 {p95(keys):.1f};"
                f" last follower median {statistics.median(last):.1f}, maximum {max(last):.1f};"
                f" {busy:.1f} ms of processor a key"
            )


async def _under_load(
    teacher: Client, watching: list[Client], typing: list[Client], seconds: int
) -> tuple[list[float], list[float]]:
    async def types(client: Client, late: float) -> list[float]:
        await asyncio.sleep(late)
        times = []
        for k in range(seconds):
            due = asyncio.get_running_loop().time() + 1
            times.append(await client.key(LEFT if k % 2 else RIGHT))
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return times

    tasks = [asyncio.create_task(types(client, k / len(typing))) for k, client in enumerate(typing)]
    last = []
    for _ in range(seconds - 1):
        await asyncio.sleep(1)
        seen = [client.frames for client in watching]
        begun = time.perf_counter()
        teacher.chan.write(RIGHT)
        for client, before in zip(watching, seen, strict=True):
            await client.more(before)
        last.append(1e3 * (max(client.at for client in watching) - begun))
    return [took for times in await asyncio.gather(*tasks) for took in times], last


async def faults(args: argparse.Namespace) -> None:
    """One pastes without an end, one reads nothing."""
    async with served(args.workers) as klass:
        await klass.teacher()
        clients = await followers(klass, 8)
        for client in clients:
            client.type(ASIDE)
            await client.until(b"back to the class", b"explain")
        pasting, stuck, *typing = clients
        await still(clients)
        quiet = [await client.key(k) for k in (RIGHT, LEFT) * 8 for client in typing]
        stuck.conn._transport.pause_reading()
        paste = asyncio.create_task(_paste(pasting))
        for _ in range(200):
            stuck.chan.write(RIGHT + LEFT)
        loud = [await client.key(k) for k in (RIGHT, LEFT) * 20 for client in typing]
        paste.cancel()
        print(
            f"one pastes, one is stuck: the others' key p95 {p95(loud):.1f} ms, median {statistics.median(loud):.1f};"
            f" before {p95(quiet):.1f} and {statistics.median(quiet):.1f}"
        )


async def _paste(client: Client) -> None:
    """10 MB of keys, as fast as they are taken."""
    for _ in range(10_000):
        client.chan.write(b"\x1b[C\x1b[D\x1b[A\x1b[B" * 85)
        while client.chan.get_write_buffer_size() > 65536:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)


PARTS = {part.__name__: part for part in (steps, joining, aside, explorers, faults)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--followers", nargs="+", type=int, default=[1, 30, 200, 300])
    parser.add_argument("--steps", type=int, default=EVENTS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--watching", type=int, default=100)
    parser.add_argument("--typing", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=EVENTS + 1)
    args = parser.parse_args()
    gc.disable()  # of the clients: what it holds up would be put down to the class
    for name in args.parts or PARTS:
        asyncio.run(PARTS[name](args))


if __name__ == "__main__":
    main()
