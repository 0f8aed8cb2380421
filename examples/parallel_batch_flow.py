"""An AsyncParallelBatchFlow: one copy of a flow for each language, all at the same time.

Each copy translates and reviews, as often as its review asks for; so some copies are done before others. They
share one `shared`: each writes under a key of its own. It runs offline: `call_llm` stands in for the model.
"""

import asyncio

from flowscope_engine import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, Node


class Translate(AsyncNode):
    async def prep_async(self, shared):
        draft = shared["drafts"].get(self.params["language"])
        return draft or shared["text"]

    async def exec_async(self, text):
        return await call_llm(f"Translate to {self.params['language']}: {text}")

    async def post_async(self, shared, text, draft):
        shared["drafts"][self.params["language"]] = draft


class Review(AsyncNode):
    """Send a draft back as long as an English word is in it."""

    async def prep_async(self, shared):
        return shared["drafts"][self.params["language"]]

    async def exec_async(self, draft):
        return await call_llm(f"Review this {self.params['language']}: {draft}")

    async def post_async(self, shared, draft, verdict):
        shared["reviews"] += 1
        print(f"{self.params['language']}: {draft} ({verdict})")
        return verdict


class Publish(Node):
    """A node that is not async is welcome in an async flow; while it runs, nothing else does."""

    def post(self, shared, prep_res, exec_res):
        shared["published"].append(self.params["language"])


class TranslateAll(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"language": language} for language in DICTIONARY]


class Announce(Node):
    def post(self, shared, prep_res, exec_res):
        print(f"published after {shared['reviews']} reviews: {', '.join(sorted(shared['published']))}")


def create_flow():
    translate, review, publish = Translate(), Review(), Publish()
    translate >> review
    review - "again" >> translate
    review - "good" >> publish
    everything, announce = TranslateAll(start=translate), Announce()
    everything >> announce
    return AsyncFlow(start=everything)


# The offline stand-in: a model that translates one word at a time, and thinks longer about some languages.

DICTIONARY = {
    "German": {"good": "guten", "morning": "Morgen"},
    "French": {"good morning": "bonjour"},
    "Dutch": {"good": "goede", "morning": "morgen", "sun": "zon"},
    "Latin": {"good": "bonum", "morning": "mane", "sun": "solem"},
}
SECONDS = {"German": 0.1, "French": 0.15, "Dutch": 0.12, "Latin": 0.23}


async def call_llm(prompt):
    order, text = prompt.split(": ", 1)
    language = order.split()[-1]
    await asyncio.sleep(SECONDS[language])
    unknown = [word for word in DICTIONARY[language] if word in text]
    if order.startswith("Review"):
        return "again" if unknown else "good"
    return text.replace(unknown[0], DICTIONARY[language][unknown[0]]) if unknown else text


if __name__ == "__main__":
    shared = {"text": "good morning", "drafts": {}, "reviews": 0, "published": []}
    asyncio.run(create_flow().run_async(shared))
