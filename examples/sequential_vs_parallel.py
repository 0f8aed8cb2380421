"""The same work four times: what overlaps in PocketFlow, and what does not.

Four articles are summarised, by a model that takes a moment for each. The nodes of a Flow run one after the
other, and those of an AsyncFlow too. Only the items of an AsyncParallelBatchNode overlap.

It runs offline: put your own model behind `call_llm(prompt)` and `call_llm_async(prompt)`.
"""

import asyncio
import time

from flowscope_engine import AsyncBatchNode, AsyncFlow, AsyncNode, AsyncParallelBatchNode, Flow, Node

ARTICLES = {
    "tea": "Tea is picked young. It is dried slowly. Then it travels far.",
    "salt": "Salt was money once. It kept food through winters. Roads were named after it.",
    "silk": "Silk is spun by a moth. It is stronger than it looks. Its making was a secret.",
    "iron": "Iron rusts in the rain. It is cheap and everywhere. Without it there were no trains.",
}


class Summarize(Node):
    """One article."""

    def __init__(self, title):
        super().__init__()
        self.title = title

    def prep(self, shared):
        return ARTICLES[self.title]

    def exec(self, text):
        return call_llm(f"Summarise: {text}")

    def post(self, shared, prep_res, summary):
        shared[self.title] = summary


class SummarizeAsync(AsyncNode):
    """One article, and the event loop is free meanwhile; but nothing else is there to run."""

    def __init__(self, title):
        super().__init__()
        self.title = title

    async def prep_async(self, shared):
        return ARTICLES[self.title]

    async def exec_async(self, text):
        return await call_llm_async(f"Summarise: {text}")

    async def post_async(self, shared, prep_res, summary):
        shared[self.title] = summary


class SummarizeEach(AsyncBatchNode):
    """All articles in one node: its items run one after the other."""

    async def prep_async(self, shared):
        return list(ARTICLES)

    async def exec_async(self, title):
        return await call_llm_async(f"Summarise: {ARTICLES[title]}")

    async def post_async(self, shared, titles, summaries):
        shared.update(zip(titles, summaries, strict=True))


class SummarizeAtOnce(AsyncParallelBatchNode):
    """All articles in one node: its items run at the same time."""

    async def prep_async(self, shared):
        return list(ARTICLES)

    async def exec_async(self, title):
        return await call_llm_async(f"Summarise: {ARTICLES[title]}")

    async def post_async(self, shared, titles, summaries):
        shared.update(zip(titles, summaries, strict=True))


def sequential(shared):
    tea, salt, silk, iron = (Summarize(title) for title in ARTICLES)
    tea >> salt >> silk >> iron
    Flow(start=tea).run(shared)


def sequential_async(shared):
    tea, salt, silk, iron = (SummarizeAsync(title) for title in ARTICLES)
    tea >> salt >> silk >> iron
    asyncio.run(AsyncFlow(start=tea).run_async(shared))


def batch(shared):
    asyncio.run(AsyncFlow(start=SummarizeEach()).run_async(shared))


def parallel_batch(shared):
    asyncio.run(AsyncFlow(start=SummarizeAtOnce()).run_async(shared))


# The offline stand-in: a model that summarises a text by its first sentence.

SECONDS = 0.12


def call_llm(prompt):
    time.sleep(SECONDS)
    return prompt.removeprefix("Summarise: ").split(".")[0]


async def call_llm_async(prompt):
    await asyncio.sleep(SECONDS)
    return prompt.removeprefix("Summarise: ").split(".")[0]


if __name__ == "__main__":
    results = []
    for name, work in {
        "Flow: four nodes": sequential,
        "AsyncFlow: four async nodes": sequential_async,
        "AsyncBatchNode: four items": batch,
        "AsyncParallelBatchNode: four items": parallel_batch,
    }.items():
        shared = {}
        begin = time.perf_counter()
        work(shared)
        print(f"{name:<36} {time.perf_counter() - begin:.2f} s")
        results.append(shared)
    print("\nThe same results each time:" if results.count(results[0]) == 4 else "\nDifferent results!")
    for title, summary in results[0].items():
        print(f"  {title}: {summary}")
