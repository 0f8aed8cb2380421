"""Sync and async nodes in one AsyncFlow: a small RAG.

Reading and printing are plain nodes, the model is awaited, and pages are fetched at the same time. It runs
offline: put your own model behind `call_llm(prompt)` and your own client behind `fetch(address)`.
"""

import asyncio

from flowscope_engine import AsyncFlow, AsyncNode, AsyncParallelBatchNode, BatchNode, Node


class ReadQuestion(Node):
    def post(self, shared, prep_res, exec_res):
        shared["question"] = "Which planet has the longest day?"
        print(shared["question"])


class FetchPages(AsyncParallelBatchNode):
    """All pages at once, each with a second try."""

    async def prep_async(self, shared):
        return list(PAGES)

    async def exec_async(self, address):
        return await fetch(address)

    async def post_async(self, shared, addresses, pages):
        shared["pages"] = dict(zip(addresses, pages, strict=True))


class ScorePages(BatchNode):
    """How many words of the question are on each page."""

    def prep(self, shared):
        self.words = set(shared["question"].lower().strip("?").split())
        return list(shared["pages"].items())

    def exec(self, item):
        address, page = item
        return len(self.words & set(page.lower().strip(".").split())), address

    def post(self, shared, items, scores):
        shared["best"] = max(scores)[1]
        return "found" if max(scores)[0] > 1 else "nothing"


class Answer(AsyncNode):
    async def prep_async(self, shared):
        return f"{shared['question']}\nBy this page: {shared['pages'][shared['best']]}"

    async def exec_async(self, prompt):
        return await call_llm(prompt)

    async def post_async(self, shared, prompt, answer):
        shared["answer"] = answer


class Print(Node):
    def post(self, shared, prep_res, exec_res):
        print(shared.get("answer", "I do not know."))


def create_flow():
    question, fetch_pages, score = ReadQuestion(), FetchPages(max_retries=2), ScorePages()
    answer, output = Answer(), Print()
    question >> fetch_pages >> score
    score - "found" >> answer >> output
    score - "nothing" >> output
    return AsyncFlow(start=question)


# The offline stand-ins: three pages, one of which does not load at once, and a model that quotes.

PAGES = {
    "planets/mars": "A day on Mars is a little longer than ours.",
    "planets/venus": "The longest day of any planet has Venus: 243 of ours.",
    "planets/jupiter": "Jupiter turns in ten hours.",
}
failing = ["planets/jupiter"]


async def fetch(address):
    await asyncio.sleep(0.05 * len(address) - 0.5)
    if address in failing:
        failing.remove(address)
        raise ConnectionError(f"{address} did not answer")
    return PAGES[address]


async def call_llm(prompt):
    await asyncio.sleep(0.2)
    return prompt.partition("By this page: ")[2]


if __name__ == "__main__":
    asyncio.run(create_flow().run_async({}))
