"""A BatchFlow: the same flow once for each file and style, one after the other.

The batch flow's `prep` returns parameter sets; each node finds its own in `self.params`. It runs offline:
`call_llm`, at the end, stands in for the model.
"""

import time

from pocketflow import BatchFlow, Flow, Node


class ReadFile(Node):
    def prep(self, shared):
        return self.params["name"]

    def exec(self, name):
        return FILES[name]

    def post(self, shared, name, text):
        shared["text"] = text


class Rewrite(Node):
    def prep(self, shared):
        return self.params["style"], shared["text"]

    def exec(self, inputs):
        style, text = inputs
        return call_llm(f"Rewrite as a {style}: {text}")

    def post(self, shared, prep_res, text):
        shared["text"] = text


class Save(Node):
    def post(self, shared, prep_res, exec_res):
        name, style = self.params["name"], self.params["style"]
        shared["results"][f"{name}.{style}"] = shared.pop("text")
        print(f"{name} as a {style}: {shared['results'][f'{name}.{style}']}")


class RewriteAll(BatchFlow):
    def prep(self, shared):
        return [{"name": name, "style": style} for name in FILES for style in shared["styles"]]


def rewrite_flow():
    read, rewrite, save = ReadFile(), Rewrite(), Save()
    read >> rewrite >> save
    return RewriteAll(start=read)


class Report(Node):
    def prep(self, shared):
        return list(shared["results"].values())

    def exec(self, texts):
        return sum(len(text.split()) for text in texts)

    def post(self, shared, texts, words):
        shared["words"] = words
        print(f"{len(texts)} texts, {words} words")


FILES = {
    "rain.txt": "it will rain in the north and clear up by noon",
    "game.txt": "the home team scored twice and won the cup",
    "moon.txt": "the moon passes before the sun on friday",
}


def call_llm(prompt):
    """The offline stand-in: a model that knows two styles."""
    time.sleep(0.1)
    order, text = prompt.split(": ", 1)
    return " ".join(text.split()[:5]).title() if order.endswith("headline") else f"{text.capitalize()}!"


if __name__ == "__main__":
    rewrite_all, report = rewrite_flow(), Report()
    rewrite_all >> report
    Flow(start=rewrite_all).run({"styles": ["headline", "tweet"], "results": {}})
