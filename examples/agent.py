"""A research agent: it decides, searches as often as it must, and answers.

It runs offline: `call_llm` and `search_web`, at the end, are small stand-ins. Put your own model and search
behind these two functions; the nodes know nothing else of them.
"""

import json
import sys
import time

from flowscope_engine import Flow, Node


class DecideAction(Node):
    """Search for what is still unknown, or answer."""

    def prep(self, shared):
        return shared["question"], shared["findings"]

    def exec(self, inputs):
        question, findings = inputs
        known = "\n".join(f"- {finding['query']}: {finding['text']}" for finding in findings)
        reply = call_llm(
            f"Question: {question}\nKnown so far:\n{known or '- nothing'}\n"
            'Reply with JSON: {"action": "search" or "answer", "query": …, "reason": …}'
        )
        return json.loads(reply)

    def post(self, shared, prep_res, decision):
        shared["history"].append({"role": "assistant", "content": decision["reason"]})
        if decision["action"] == "search":
            shared["query"] = decision["query"]
        print(f"{decision['action']:>6}: {decision['reason']}")
        return decision["action"]


class SearchWeb(Node):
    """Look up one query, and keep what was found."""

    def prep(self, shared):
        return shared["query"]

    def exec(self, query):
        return search_web(query)

    def post(self, shared, query, text):
        shared["findings"].append({"query": query, "text": text, "words": len(text.split())})
        shared["history"].append({"role": "tool", "content": text})
        shared["searches"] += 1
        return "decide"


class AnswerQuestion(Node):
    """Write the answer from all findings."""

    def prep(self, shared):
        return shared["question"], shared["findings"]

    def exec(self, inputs):
        question, findings = inputs
        notes = "\n".join(f"* {finding['text']}" for finding in findings)
        return call_llm(f"Answer this: {question}\nUse only these notes:\n{notes}")

    def post(self, shared, prep_res, answer):
        shared["history"].append({"role": "assistant", "content": answer})
        shared["answer"] = answer
        print(f"\n{answer}")
        return "done"


def create_agent():
    decide, search, answer = DecideAction(), SearchWeb(max_retries=2), AnswerQuestion()
    decide - "search" >> search
    decide - "answer" >> answer
    search - "decide" >> decide
    return Flow(start=decide)


# The offline stand-ins: a model of three rules, and a web of four pages.

WEB = {
    "sun compass": "By day many birds steer by the sun, and correct for the hour with an inner clock.",
    "star compass": "By night they learn the point around which the stars turn, and keep it behind them.",
    "magnetic sense": "Under clouds they feel how steeply the Earth's magnetic field dips.",
    "landmarks": "Near home they follow coasts, rivers and even motorways.",
}


def call_llm(prompt):
    """The one place that knows the model."""
    time.sleep(0.2)
    if prompt.startswith("Answer"):
        facts = [line.removeprefix("* ") for line in prompt.splitlines() if line.startswith("* ")]
        return " ".join(facts)
    missing = [topic for topic in WEB if f"- {topic}:" not in prompt]
    if missing:
        reason = f"nothing is known of the {missing[0]} yet"
        return json.dumps({"action": "search", "query": missing[0], "reason": reason})
    return json.dumps({"action": "answer", "query": None, "reason": f"{len(WEB)} findings are enough"})


def search_web(query):
    time.sleep(0.15)
    return WEB[query]


if __name__ == "__main__":
    question = " ".join(sys.argv[1:]) or "How do migrating birds find their way?"
    shared = {
        "question": question,
        "findings": [],
        "history": [{"role": "user", "content": question}],
        "searches": 0,
    }
    create_agent().run(shared)
